/** What CloudTrail records were about, in small forms of the examples in AWS's pages. */

import { describe, expect, test } from 'vitest';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import { readBody } from './read-body.ts';

async function call(service: string, eventName: string, record: object): Promise<AuditEvent> {
  const body = JSON.stringify({
    Records: [{ eventSource: `${service}.amazonaws.com`, eventName, ...record }],
  });
  const [first] = await readBody(connectorById('aws.cloudtrail')!, Buffer.from(body));
  if (first?.outcome.kind !== 'event') throw new Error(`no event: ${JSON.stringify(first?.outcome)}`);
  return first.outcome.event;
}

const asked = (service: string, eventName: string, requestParameters: object) =>
  call(service, eventName, { requestParameters });

describe('the main target', () => {
  test.each([
    [
      'ec2',
      'DescribeNatGateways',
      { filter: { items: ['nat-0123456789abcdef0'] } },
      'AWS::EC2::NatGateway',
      null,
    ],
    [
      'ec2',
      'StopInstances',
      { instancesSet: { items: [{ instanceId: 'i-01234567' }] } },
      'AWS::EC2::Instance',
      null,
    ],
    ['ssm', 'GetParameter', { name: '/app/db' }, 'AWS::SSM::Parameter', '/app/db'],
    ['ssm', 'GetDocument', { name: 'AWS-RunShellScript' }, 'AWS::SSM::Document', 'AWS-RunShellScript'],
    [
      'ssm',
      'GetParameter',
      { name: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/db' },
      'AWS::SSM::Parameter',
      'app/db',
    ],
    ['cloudtrail', 'StopLogging', { name: 'main' }, 'AWS::CloudTrail::Trail', 'main'],
    ['cloudtrail', 'DescribeTrails', { trailNameList: ['main'] }, 'AWS::CloudTrail::Trail', 'main'],
    ['s3', 'ListAccessPoints', { bucket: 'logs' }, 'AWS::S3::Bucket', 'logs'],
    ['ec2', 'CreateSecurityGroup', { groupName: 'web' }, 'AWS::EC2::SecurityGroup', 'web'],
    ['iam', 'CreateGroup', { groupName: 'ops' }, 'AWS::IAM::Group', 'ops'],
    ['ssm', 'ListTagsForResource', { resourceType: 'Parameter', resourceId: '/app' }, 'Parameter', '/app'],
  ])('%s:%s %j is %s', async (service, name, request, type, target) => {
    const event = await asked(service, name, request);
    expect(event.target_type).toBe(type);
    if (target !== null) expect(event.target_name).toBe(target);
  });

  test('what the record says of its type stands', async () => {
    const event = await call('s3', 'GetObject', {
      resources: [{ ARN: 'arn:aws:s3:::logs/a', type: 'AWS::S3::Object' }, { ARN: 'arn:aws:s3:::logs' }],
    });
    expect(event).toMatchObject({ target_type: 'AWS::S3::Object', target_name: 'a' });
    expect(event.targets).toEqual(['arn:aws:s3:::logs/a', 'arn:aws:s3:::logs']);
  });
});

test.each([
  [
    'RunInstances',
    { instancesSet: { items: [{ imageId: 'ami-01234567' }] } },
    { reservationId: 'r-01234567', instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] } },
    'i-0123456789abcdef0',
    'AWS::EC2::Instance',
  ],
  [
    'CopySnapshot',
    { sourceSnapshotId: 'snap-01234567' },
    { snapshotId: 'snap-0123456789abcdef0' },
    'snap-0123456789abcdef0',
    'AWS::EC2::Snapshot',
  ],
  [
    'RunInstances',
    { instancesSet: { items: [{ imageId: 'ami-01234567' }] } },
    null,
    'ami-01234567',
    'AWS::EC2::Image',
  ],
])('%s is about what it made, where it made something', async (name, request, response, target, type) => {
  const event = await call('ec2', name, { requestParameters: request, responseElements: response });
  expect([event.target_id, event.target_type]).toEqual([target, type]);
  expect(event.targets).toContain(target);
});

test('what a service did by itself names its target beside the call', async () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app-a1b2c3';
  const event = await call('secretsmanager', 'EndSecretVersionDelete', { additionalEventData: { ARN: arn } });
  expect(event).toMatchObject({ target_id: arn, target_type: 'AWS::SecretsManager::Secret' });
});

describe('credentials that a call made are found by their ids', () => {
  test.each([
    ['iam', 'CreateAccessKey', { accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', userName: 'ana' } }],
    ['sts', 'AssumeRole', { credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', expiration: 'later' } }],
    ['sts', 'GetFederationToken', { credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } }],
    [
      'iam',
      'CreateServiceSpecificCredential',
      { serviceSpecificCredential: { serviceSpecificCredentialId: 'ACCAEXAMPLE123EXAMPLE' } },
    ],
    ['iam', 'UploadSSHPublicKey', { sSHPublicKey: { sSHPublicKeyId: 'APKAEXAMPLE123EXAMPLE' } }],
    ['iam', 'UploadSigningCertificate', { certificate: { certificateId: 'TA7SMP42TDN5Z26OBPJE7EXAMPLE' } }],
    ['ec2', 'CreateKeyPair', { keyName: 'ops', keyPairId: 'key-0123456789abcdef0' }],
  ])('%s:%s %j', async (service, name, responseElements) => {
    const event = await call(service, name, { responseElements });
    const [made] = Object.values(responseElements).flatMap((one: unknown) =>
      typeof one === 'string' ? [one] : [Object.values(one as object)[0] as string],
    );
    expect(event.targets).toContain(made);
    expect(event.target_type).not.toBeNull();
  });

  test('the user whose key was made stays the main target of a request that names them', async () => {
    const event = await call('iam', 'CreateAccessKey', {
      requestParameters: { userName: 'ana' },
      responseElements: { accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } },
    });
    expect(event).toMatchObject({ target_type: 'AWS::IAM::User', target_name: 'ana' });
    expect(event.targets).toEqual(['ana', 'AKIAIOSFODNN7EXAMPLE']);
  });
});
