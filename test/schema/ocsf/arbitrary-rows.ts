/** Rows made up at random, of words that mean something to the rules. */

import fc from 'fast-check';
import {
  type AuditEvent,
  type Column,
  EVENT_COLUMNS,
  FLOW_COLUMNS,
  type Flow,
  newEvent,
  newFlow,
} from '../../../schema/columns.ts';
import { CLASS_RULES } from '../../../schema/ocsf/class-rules.ts';
import { PRODUCTS } from '../../../schema/ocsf/products.ts';
import { TARGET_KINDS } from '../../../schema/ocsf/target-kinds.ts';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  class: [...Object.keys(CLASS_RULES), 'File System Activity', 'no class'],
  activity: [
    'Create',
    'Read',
    'Logon',
    'Assign Privileges',
    'Account Switch',
    'Add User',
    'constructor',
    'Other',
  ],
  severity: ['Unknown', 'Informational', 'High', 'odd'],
  source: [...Object.keys(PRODUCTS), 'somewhere', '__proto__'],
  cloud: ['aws', 'azure', 'gcp', 'other'],
  status: ['success', 'failure', 'started', 'toString'],
  actor_type: ['human', 'role_session', 'root', 'unknown'],
  target_type: TARGET_KINDS.map(({ type }) => type),
  direction: ['ingress', 'egress', 'sideways'],
  action: ['accept', 'reject', 'drop', 'iam.user.create'],
  flow_state: ['begin', 'continue', 'end'],
  operation: ['GET', 'AttachUserPolicy', 'sshd:accepted'],
  src_ip: ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', 'fe80::1%eth0', 'AWS Internal', '1.2.3'],
  category: ['Insight', 'Management'],
  protocol: ['tcp', 'HTTP/1.1'],
  target_id: [
    'arn:aws:s3:::bucket/a/key',
    'projects/_/buckets/b/objects/o',
    '/path?q=1',
    'https://example.com/x',
  ],
};

const FACTS = fc.oneof(
  fc.record(
    {
      user: fc.oneof(
        fc.record({ name: fc.string(), uid: fc.string() }, { requiredKeys: [] }),
        fc.jsonValue(),
      ),
      group: fc.oneof(fc.record({ name: fc.string() }, { requiredKeys: [] }), fc.jsonValue()),
      privileges: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
      finding_info: fc.record({ uid: fc.string(), title: fc.string() }, { requiredKeys: [] }),
      database: fc.record({ name: fc.string() }, { requiredKeys: [] }),
      service: fc.record({ name: fc.string() }, { requiredKeys: [] }),
      src_endpoint: fc.record({ location: fc.jsonValue() }),
      fallback: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

const REQUESTS = fc.oneof(
  fc.record(
    {
      userName: fc.string(),
      policyArn: fc.string(),
      groupName: fc.string(),
      subjects: fc.array(fc.record({ kind: fc.constantFrom('User', 'Group'), name: fc.string() })),
      roleRef: fc.record({ name: fc.string() }),
      targetResources: fc.array(fc.record({ type: fc.constantFrom('User', 'Group'), id: fc.string() })),
      pid: fc.oneof(fc.nat().map(String), fc.string()),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

type Types = Record<Column['type'], fc.Arbitrary<unknown>>;

/** Anything a column of the type could hold in a program's memory. */
const ANY: Omit<Types, 'string' | 'json'> = {
  time: fc.oneof(fc.integer({ min: 0, max: 2 ** 52 }), fc.maxSafeInteger(), fc.double()),
  int: fc.oneof(fc.nat({ max: 70_000 }), fc.integer()),
  long: fc.oneof(fc.maxSafeNat(), fc.double()),
  bool: fc.boolean(),
  strings: fc.array(fc.string(), { maxLength: 3 }),
};

function anyCell({ name, type }: Column): fc.Arbitrary<unknown> {
  const words = WORDS[name];
  const text =
    words === undefined ? fc.string({ maxLength: 12 }) : fc.oneof(fc.constantFrom(...words), fc.string());
  const json = (name === 'ocsf_extra' ? FACTS : REQUESTS).map((one) => JSON.stringify(one));
  if (type === 'string') return text;
  return type === 'json'
    ? fc.oneof({ weight: 4, arbitrary: json }, { weight: 1, arbitrary: fc.string() })
    : ANY[type];
}

/** What connectors put into a lake: addresses that are some, ports in range, whole numbers, facts of their types. */
function storedCell(column: Column): fc.Arbitrary<unknown> {
  const { name, type } = column;
  if (name === 'src_ip' || name === 'dst_ip') return fc.constantFrom('192.0.2.1', '2001:db8::1');
  if (name === 'class') return fc.constantFrom(...Object.keys(CLASS_RULES));
  if (name === 'ocsf_extra') return STORED_FACTS.map((facts) => JSON.stringify(facts));
  if (name === 'request') return STORED_REQUESTS.map((request) => JSON.stringify(request));
  if (name === 'response')
    return fc.record({ status: fc.constantFrom('200', '404') }).map((one) => JSON.stringify(one));
  if (type === 'time') return fc.integer({ min: -1e15, max: 4e15 });
  if (type === 'int') return fc.nat({ max: 65_535 });
  if (type === 'long') return fc.nat();
  return anyCell(column);
}

const STORED_FACTS = fc.record(
  {
    user: fc.record({ name: fc.string({ minLength: 1 }), uid: fc.string() }, { requiredKeys: [] }),
    group: fc.record({ name: fc.string() }),
    privileges: fc.array(fc.string(), { minLength: 1 }),
    finding_info: fc.record({ uid: fc.string(), title: fc.string() }, { requiredKeys: [] }),
    database: fc.record({ name: fc.string() }),
    service: fc.record({ name: fc.string() }),
    src_endpoint: fc.record({ location: fc.record({ city: fc.string(), country: fc.string() }) }),
  },
  { requiredKeys: [] },
);

const STORED_REQUESTS = fc.record(
  { pid: fc.nat().map(String), referer: fc.webUrl(), database: fc.string(), userName: fc.string() },
  { requiredKeys: [] },
);

const rowOf = <T>(
  columns: readonly Column[],
  empty: () => T,
  cell: (column: Column) => fc.Arbitrary<unknown>,
): fc.Arbitrary<T> =>
  fc
    .record(Object.fromEntries(columns.map((column) => [column.name, fc.option(cell(column), { freq: 3 })])))
    .map((row) => ({ ...empty(), ...row }) as T);

export const anyEvent: fc.Arbitrary<AuditEvent> = rowOf(EVENT_COLUMNS, newEvent, anyCell);
export const anyFlow: fc.Arbitrary<Flow> = rowOf(FLOW_COLUMNS, newFlow, anyCell);
export const storedEvent: fc.Arbitrary<AuditEvent> = rowOf(EVENT_COLUMNS, newEvent, storedCell);
export const storedFlow: fc.Arbitrary<Flow> = rowOf(FLOW_COLUMNS, newFlow, storedCell);
