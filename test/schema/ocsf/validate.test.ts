import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateOcsf } from '../../../schema/ocsf/validate.ts';

type Members = Record<string, unknown>;

/** A record written by hand from the schema, so that the validator is not tested with the rendering it tests. */
const record = (): Members => ({
  class_uid: 6003,
  class_name: 'API Activity',
  category_uid: 6,
  category_name: 'Application Activity',
  activity_id: 1,
  activity_name: 'Create',
  type_uid: 600301,
  type_name: 'API Activity: Create',
  time: 1_700_000_000_000,
  time_dt: '2023-11-14T22:13:20Z',
  severity_id: 1,
  severity: 'Informational',
  metadata: {
    version: '1.8.0',
    profiles: ['cloud', 'datetime'],
    product: { name: 'CloudTrail', vendor_name: 'AWS' },
  },
  cloud: { provider: 'AWS', account: { uid: '123456789012', type_id: 10, type: 'AWS Account' } },
  actor: { user: { name: 'alice', type_id: 1, type: 'User' } },
  api: { operation: 'CreateUser', request: { uid: 'r1', data: { any: ['JSON', 1, null] } } },
  src_endpoint: { ip: '2001:db8::1', port: 443 },
  resources: [{ uid: 'arn:1' }, { name: 'two', type: 'x' }],
  unmapped: { whatever: { is: 'kept' } },
});

/** The record with one member changed, or taken out where the value is undefined. */
function changed(path: string, value: unknown): Members {
  const whole = record();
  const parts = path.split('.');
  const name = parts.pop()!;
  let inner = whole;
  for (const part of parts) inner = inner[part] as Members;
  if (value === undefined) delete inner[name];
  else inner[name] = value;
  return whole;
}

const pathsOf = (value: unknown): string[] => validateOcsf(value).map(({ path }) => path);

test('a record that follows the schema has no problem', () => {
  expect(validateOcsf(record())).toEqual([]);
});

describe('what is wrong is named by its path', () => {
  test.each([
    // required
    ['time', undefined, 'time'],
    ['actor', undefined, 'actor'],
    ['api.operation', undefined, 'api.operation'],
    ['api.request.uid', undefined, 'api.request.uid'],
    ['metadata.product', undefined, 'metadata.product'],
    ['cloud', undefined, 'cloud'],
    // types
    ['time', '2023-11-14', 'time'],
    ['time', 1.5, 'time'],
    ['src_endpoint.ip', 'AWS Internal', 'src_endpoint.ip'],
    ['src_endpoint.ip', 'fe80::1%a-zone-with-a-name-too-long-for-this', 'src_endpoint.ip'],
    ['src_endpoint.port', 65_536, 'src_endpoint.port'],
    ['src_endpoint.port', '443', 'src_endpoint.port'],
    ['actor.user.name', 7, 'actor.user.name'],
    ['time_dt', '14 November 2023', 'time_dt'],
    ['actor.user', 'alice', 'actor.user'],
    ['actor.user', ['alice'], 'actor.user'],
    ['message', null, 'message'],
    // closed values and their captions
    ['severity_id', 7, 'severity_id'],
    ['severity', 'Low', 'severity_id'],
    ['activity_name', 'Read', 'activity_id'],
    ['actor.user.type', 'Admin', 'actor.user.type_id'],
    ['metadata.profiles', ['cloud', 'datetime', 'secret'], 'metadata.profiles'],
    // lists
    ['resources', { uid: 'arn:1' }, 'resources'],
    ['resources', [{ uid: 'arn:1' }, { uid: 2 }], 'resources[1].uid'],
    ['resources', [{ type: 'neither name nor id' }], 'resources[0]'],
    // constraints
    ['src_endpoint', { port: 443 }, 'src_endpoint'],
    ['actor', {}, 'actor'],
    // the class and what it says of itself
    ['type_uid', 600302, 'type_uid'],
    ['type_name', 'API Activity: Read', 'type_name'],
    ['class_name', 'Authentication', 'class_name'],
    ['category_uid', 3, 'category_uid'],
    ['class_uid', 9999, 'class_uid'],
    ['metadata.version', '1.0.0', 'metadata.version'],
    // unknown
    ['evidence', 'aa', 'evidence'],
    ['actor.user.nickname', 'al', 'actor.user.nickname'],
    ['duration_dt', '2023-11-14T22:13:20Z', 'duration_dt'],
  ])('%s = %j', (path, value, where) => {
    expect(pathsOf(changed(path, value))).toContain(where);
  });
});

test('attributes of a profile need the profile to be named', () => {
  const without = changed('metadata.profiles', ['datetime']);
  expect(pathsOf(without)).toEqual(['cloud']);
  expect(pathsOf(changed('metadata.profiles', ['cloud']))).toEqual(['time_dt']);
  expect(pathsOf(changed('device', { hostname: 'web1', type_id: 0 }))).toEqual(['device']);
});

test('Other may be called what the source calls it, any other number may not', () => {
  expect(validateOcsf({ ...record(), status_id: 99, status: 'started' })).toEqual([]);
  expect(pathsOf({ ...record(), status_id: 1, status: 'started' })).toEqual(['status_id']);
});

test('values that are no records are judged too', () => {
  for (const value of [null, undefined, 'text', 7, [], [record()]]) {
    expect(validateOcsf(value)).not.toEqual([]);
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(validateOcsf({ ...record(), actor: value, resources: value }).length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
