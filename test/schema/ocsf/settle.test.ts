import { describe, expect, test } from 'vitest';
import { type AuditEvent, newEvent } from '../../../schema/columns.ts';
import { Context } from '../../../schema/ocsf/read.ts';
import { renderEvent } from '../../../schema/ocsf/render.ts';
import { fallbackOf, settleClass } from '../../../schema/ocsf/settle.ts';

/** A call by a known caller from a known address, of the class and activity given. */
function event(className: string, activity: string, columns: Partial<AuditEvent> = {}): AuditEvent {
  return {
    ...newEvent(),
    time: 1_700_000_000_000_000,
    uid: 'e1',
    source: 'aws.cloudtrail',
    cloud: 'aws',
    class: className,
    activity,
    severity: 'Informational',
    operation: 'Something',
    service: 'iam.amazonaws.com',
    actor_name: 'alice',
    src_ip: '192.0.2.1',
    ...columns,
  };
}

/** The event after settling: class and activity, the fallback's note, and the record. */
function settled(given: AuditEvent) {
  const one = { ...given };
  settleClass(one);
  return {
    class: `${one.class}: ${one.activity}`,
    fallback: fallbackOf(new Context(one)),
    record: renderEvent(one)!,
    event: one,
  };
}

const json = JSON.stringify;

describe('a class its facts satisfy is left as it is', () => {
  test('API Activity with caller, operation and address', () => {
    const given = { ...event('API Activity', 'Create'), class_uid: 6003, type_uid: 600301 };
    expect(settled(given).event).toEqual(given);
  });

  test.each([
    ['Authentication', 'Logon', {}],
    ['Entity Management', 'Update', { target_id: 'x' }],
    ['Account Change', 'Create', { target_type: 'AWS::IAM::User', target_name: 'bob' }],
    ['Group Management', 'Create', { target_type: 'Group', target_id: 'g1' }],
    [
      'Datastore Activity',
      'Read',
      { target_type: 'AWS::S3::Object', target_id: 'arn:aws:s3:::b/k', target_name: 'k' },
    ],
    ['Datastore Activity', 'Read', { target_type: 'AWS::DynamoDB::Table', target_name: 'users' }],
    ['Process Activity', 'Launch', { source: 'linux.auth', dst_host: 'web1', command: 'id' }],
    ['SSH Activity', 'Open', { source: 'linux.auth' }],
    ['HTTP Activity', 'Get', { operation: 'GET', target_id: '/index.html' }],
    ['Detection Finding', 'Create', { category: 'Insight', correlation_id: 'i-1' }],
    ['File Hosting Activity', 'Download', { target_name: 'plan.docx' }],
  ])('%s: %s', (className, activity, columns) => {
    const { fallback, record, ...result } = settled(event(className, activity, columns));
    expect(result.class).toBe(`${className}: ${activity}`);
    expect(fallback).toBeNull();
    expect(record['class_name']).toBe(className);
  });
});

describe('without a fact the class needs, the next more general class that is valid', () => {
  test.each([
    ['API Activity', 'Create', { actor_name: null }, 'Base Event: Other', ['actor']],
    [
      'API Activity',
      'Create',
      { src_ip: null, operation: null },
      'Base Event: Other',
      ['api', 'src_endpoint'],
    ],
    ['API Activity', 'Read', { src_ip: 'AWS Internal' }, 'Base Event: Other', ['src_endpoint']],
    ['Account Change', 'Delete', { target_id: 'x' }, 'Entity Management: Delete', ['user']],
    ['Account Change', 'Password Change', {}, 'API Activity: Update', ['user']],
    ['User Access Management', 'Assign Privileges', {}, 'API Activity: Update', ['privileges', 'user']],
    ['Entity Management', 'Read', {}, 'API Activity: Read', ['entity']],
    ['Datastore Activity', 'Decrypt', {}, 'API Activity: Other', ['database or databucket or table']],
    ['Process Activity', 'Launch', { source: 'linux.auth', command: 'id' }, 'Base Event: Other', ['device']],
    ['SSH Activity', 'Open', { src_ip: null }, 'Base Event: Other', ['dst_endpoint or src_endpoint']],
    ['Scheduled Job Activity', 'Create', {}, 'API Activity: Create', ['device', 'job']],
    ['Detection Finding', 'Create', {}, 'API Activity: Create', ['finding_info']],
  ])('%s: %s %j → %s', (className, activity, columns, wanted, missing) => {
    const { fallback, record, ...result } = settled(event(className, activity, columns));
    expect(result.class).toBe(wanted);
    expect(fallback).toEqual({ from: className, missing });
    expect((record['unmapped'] as Record<string, unknown>)['class_fallback']).toEqual(fallback);
  });

  test('a class that is not rendered becomes a call or a base event', () => {
    expect(settled(event('File System Activity', 'Create')).class).toBe('API Activity: Create');
    expect(settled(event('File System Activity', 'Create', { actor_name: null })).class).toBe(
      'Base Event: Other',
    );
  });

  test('numbers follow the class', () => {
    const { event: one } = settled(event('Account Change', 'Delete', { target_id: 'x' }));
    expect([one.class_uid, one.type_uid]).toEqual([3004, 300404]);
  });

  test('what the connector said in ocsf_extra stays beside the note', () => {
    const ocsf_extra = json({ src_endpoint: { location: { city: 'Oslo' } } });
    const { event: one } = settled(event('Entity Management', 'Read', { ocsf_extra }));
    expect(JSON.parse(one.ocsf_extra!)).toEqual({
      src_endpoint: { location: { city: 'Oslo' } },
      fallback: { from: 'Entity Management', missing: ['entity'] },
    });
  });
});

describe('what a class asks is looked for in the record', () => {
  const access = (columns: Partial<AuditEvent>, activity = 'Assign Privileges') =>
    settled(event('User Access Management', activity, columns));

  test('AWS: the policy and the user of AttachUserPolicy', () => {
    const { record, ...result } = access({
      target_type: 'AWS::IAM::ManagedPolicy',
      target_id: 'arn:aws:iam::aws:policy/AdministratorAccess',
      request: json({ userName: 'bob', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    });
    expect(result.class).toBe('User Access Management: Assign Privileges');
    expect(record).toMatchObject({
      user: { name: 'bob' },
      privileges: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    });
    expect(record['user']).not.toHaveProperty('uid');
  });

  test('AWS: a policy for a group is a change of the group', () => {
    const { record, fallback, ...result } = access({
      request: json({ groupName: 'admins', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    });
    expect(result.class).toBe('Group Management: Assign Privileges');
    expect(record).toMatchObject({ group: { name: 'admins' } });
    expect(fallback).toBeNull();
  });

  test('Azure: principal and role definition of a role assignment, in either casing', () => {
    for (const request of [
      { Properties: { PrincipalId: 'p1', RoleDefinitionId: '/roles/1' } },
      { properties: { principalId: 'p1', roleDefinitionId: '/roles/1' } },
    ]) {
      const { record } = access({ source: 'azure.activity', cloud: 'azure', request: json(request) });
      expect(record).toMatchObject({ user: { uid: 'p1' }, privileges: ['/roles/1'] });
    }
  });

  test('Entra: the role as it was for one taken away, unquoted', () => {
    const request = json({
      targetResources: [
        {
          type: 'User',
          id: 'u1',
          userPrincipalName: 'bob@example.com',
          modifiedProperties: [{ displayName: 'Role.DisplayName', oldValue: '"Reader"', newValue: null }],
        },
      ],
    });
    const { record, ...result } = access(
      { source: 'azure.audit', cloud: 'azure', request },
      'Revoke Privileges',
    );
    expect(result.class).toBe('User Access Management: Revoke Privileges');
    expect(record).toMatchObject({ user: { uid: 'u1', name: 'bob@example.com' }, privileges: ['Reader'] });
  });

  const delta = (...bindingDeltas: object[]) => ({
    source: 'gcp.audit',
    cloud: 'gcp',
    target_id: 'projects/p',
    raw: json({ protoPayload: { serviceData: { policyDelta: { bindingDeltas } } } }),
  });

  test('GCP: the binding that was added, and whether it was added at all', () => {
    const added = access(delta({ action: 'ADD', role: 'roles/owner', member: 'user:bob@example.com' }));
    expect(added.class).toBe('User Access Management: Assign Privileges');
    expect(added.record).toMatchObject({
      user: { name: 'user:bob@example.com' },
      privileges: ['roles/owner'],
    });
    const removed = access(delta({ action: 'REMOVE', role: 'roles/owner', member: 'user:bob@example.com' }));
    expect(removed.class).toBe('User Access Management: Revoke Privileges');
    expect(removed.event.type_uid).toBe(300502);
  });

  test('two users are not one user: the class that names one does not fit', () => {
    const { fallback, ...result } = access(
      delta(
        { action: 'ADD', role: 'roles/owner', member: 'user:bob@example.com' },
        { action: 'ADD', role: 'roles/owner', member: 'user:eve@example.com' },
      ),
    );
    expect(result.class).toBe('Entity Management: Update');
    expect(fallback).toEqual({ from: 'User Access Management', missing: ['privileges', 'user'] });
  });

  test('Kubernetes: the subject and the role of a binding', () => {
    const binding = (kind: string) => ({
      source: 'k8s.audit',
      cloud: null,
      request: json({ subjects: [{ kind, name: 'eve' }], roleRef: { name: 'cluster-admin' } }),
    });
    expect(access(binding('User')).record).toMatchObject({
      user: { name: 'eve' },
      privileges: ['cluster-admin'],
    });
    expect(access(binding('Group')).record).toMatchObject({
      group: { name: 'eve' },
      privileges: ['cluster-admin'],
    });
  });

  test('Linux: the group a user was put into', () => {
    const { record } = settled(
      event('Group Management', 'Add User', {
        source: 'linux.auth',
        cloud: null,
        target_type: 'user',
        target_id: 'eve',
        target_name: 'eve',
        request: json({ group: 'sudo' }),
      }),
    );
    expect(record).toMatchObject({ group: { name: 'sudo' }, user: { name: 'eve' } });
  });

  test('what the connector found itself stands', () => {
    const { record } = access({
      request: json({ userName: 'bob', policyArn: 'p' }),
      ocsf_extra: json({ user: { name: 'robert' } }),
    });
    expect(record).toMatchObject({ user: { name: 'robert' }, privileges: ['p'] });
  });
});

describe('a record leads back to its source', () => {
  test('columns without a place in OCSF, or in this class, are unmapped under their names', () => {
    const { record } = settled(
      event('Authentication', 'Logon', {
        action: 'signin.user.login',
        evidence: 'aa',
        locator: 'bytes=0-1',
        targets: ['app-1'],
        command: 'ls',
        read_only: false,
        request: json({ a: 1 }),
      }),
    );
    expect(record['unmapped']).toEqual({
      action: 'signin.user.login',
      evidence: 'aa',
      locator: 'bytes=0-1',
      targets: ['app-1'],
      command: 'ls',
      read_only: false,
      // A request has its place only together with the request's id.
      request: { a: 1 },
    });
  });

  test('instants are milliseconds, and beside them with their microseconds', () => {
    const { record } = settled(event('API Activity', 'Read', { time: -1, end_time: 1_700_000_000_123_456 }));
    expect(record).toMatchObject({
      time: -1,
      time_dt: '1969-12-31T23:59:59.999999Z',
      end_time: 1_700_000_000_123,
      end_time_dt: '2023-11-14T22:13:20.123456Z',
    });
  });

  test('an event without a time has no record', () => {
    expect(renderEvent(event('API Activity', 'Read', { time: null }))).toBeNull();
  });
});
