import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveAction } from '../../../schema/actions/resolve.ts';

const actionOf = (source: string, service: string | null, operation: string | null): string =>
  resolveAction({ source, service, operation }).action;

describe('the action of an operation', () => {
  test('carries what its row says', () => {
    expect(
      resolveAction({
        source: 'aws.cloudtrail',
        service: 'cloudtrail.amazonaws.com',
        operation: 'StopLogging',
      }),
    ).toEqual({
      action: 'logging.trail.stop',
      derived: false,
      access: 'write',
      class: 'API Activity',
      activity: 'Update',
      attack: ['T1562.008'],
    });
  });

  test('the same event name means what its service says', () => {
    expect(actionOf('aws.cloudtrail', 'iam.amazonaws.com', 'CreateUser')).toBe('iam.user.create');
    expect(actionOf('aws.cloudtrail', 'transfer.amazonaws.com', 'CreateUser')).toBe(
      'storage.local_user.create',
    );
    expect(actionOf('aws.cloudtrail', 'organizations.amazonaws.com', 'CreatePolicy')).toBe(
      'org.policy.create',
    );
    expect(actionOf('aws.cloudtrail', 'iam.amazonaws.com', 'CreatePolicy')).toBe('iam.policy.create');
  });

  test('the same method name means what its service says', () => {
    expect(actionOf('gcp.audit', 'cloudresourcemanager.googleapis.com', 'SetIamPolicy')).toBe(
      'iam.role.grant',
    );
    expect(actionOf('gcp.audit', 'cloudkms.googleapis.com', 'SetIamPolicy')).toBe('kms.key_access.update');
    expect(actionOf('gcp.audit', 'storage.googleapis.com', 'SetIamPolicy')).toBe(
      'storage.bucket_access.update',
    );
  });

  test('casing does not matter, for Azure writes each operation in several', () => {
    for (const operation of [
      'Microsoft.Compute/virtualMachines/delete',
      'MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE',
      'microsoft.compute/virtualmachines/delete',
    ]) {
      expect(actionOf('azure.activity', 'Microsoft.Compute', operation)).toBe('compute.instance.delete');
    }
  });

  test('Entra texts differ between exports in full stops, dashes and spaces', () => {
    for (const operation of [
      'Update application – Certificates and secrets management ',
      'Update application - Certificates and secrets management',
      'update application  —  certificates and secrets management.',
    ]) {
      expect(actionOf('azure.audit', 'Core Directory', operation)).toBe('iam.access_key.create');
    }
  });

  test('AWS partitions end service names differently', () => {
    expect(actionOf('aws.cloudtrail', 'iam.amazonaws.com.cn', 'CreateUser')).toBe('iam.user.create');
  });

  test('a name that is only a part or an extension of one in the table is not that one', () => {
    for (const operation of ['CreateUse', 'CreateUsers', 'CreateUser/', 'xCreateUser', '*']) {
      expect(
        resolveAction({ source: 'aws.cloudtrail', service: 'iam.amazonaws.com', operation }).derived,
      ).toBe(true);
    }
  });

  test('a record of unknown make is looked up by the form of its names', () => {
    expect(actionOf('generic.json', 'iam.amazonaws.com', 'CreateUser')).toBe('iam.user.create');
    expect(actionOf('generic.json', '', 'Microsoft.Compute/virtualMachines/delete')).toBe(
      'compute.instance.delete',
    );
    expect(actionOf('generic.json', '', 'v1.compute.firewalls.insert')).toBe('network.firewall_rule.create');
    expect(actionOf('generic.text', 'sshd', 'sshd:accepted')).toBe('host.ssh.login');
  });

  test('plain words in other people’s logs are not taken for a cloud’s operations', () => {
    for (const operation of ['Decrypt', 'Export', 'Authentication', 'GetBlob', 'harddelete', 'get pods']) {
      expect(resolveAction({ source: 'generic.json', service: 'shop', operation }).derived).toBe(true);
    }
  });

  test('a record that names no operation still gets an action', () => {
    expect(actionOf('aws.cloudtrail', null, null)).toBe('aws_cloudtrail.record.other');
  });

  test('total on any text, and the same answer every time', () => {
    const sources = fc.constantFrom(
      'aws.cloudtrail',
      'azure.activity',
      'azure.audit',
      'gcp.audit',
      'k8s.audit',
      'generic.x',
    );
    fc.assert(
      fc.property(sources, fc.option(fc.string()), fc.option(fc.string()), (source, service, operation) => {
        const first = resolveAction({ source, service, operation });
        expect(first.action).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+){2}$/);
        expect(resolveAction({ source, service, operation })).toEqual(first);
      }),
    );
  });

  test('names that belong to every object in JavaScript are names like any other', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(actionOf(name, name, name)).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+){2}$/);
    }
  });

  test('keeps up with a flood of ever new names', () => {
    const start = performance.now();
    for (let i = 0; i < 60_000; i += 1) actionOf('aws.cloudtrail', 'ec2.amazonaws.com', `DescribeFoo${i}`);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  test.each(['.', ' ', '–', 'Aa'])('a megabyte of %j takes no time', (piece) => {
    const name = piece.repeat(1_000_000);
    const start = performance.now();
    for (const source of ['azure.audit', 'aws.cloudtrail', 'gcp.audit', 'generic.json'])
      actionOf(source, name, name);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
