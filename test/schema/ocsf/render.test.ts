import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../schema/classify.ts';
import {
  type AuditEvent,
  type Column,
  EVENT_COLUMNS,
  FLOW_COLUMNS,
  newEvent,
  newFlow,
} from '../../../schema/columns.ts';
import { CLASS_RULES } from '../../../schema/ocsf/class-rules.ts';
import { OCSF_CLASSES } from '../../../schema/ocsf/model.ts';
import { PRODUCTS } from '../../../schema/ocsf/products.ts';
import { type OcsfRecord, renderEvent, renderFlow } from '../../../schema/ocsf/render.ts';
import schema from '../../../schema/ocsf/schema.json' with { type: 'json' };
import { settleClass } from '../../../schema/ocsf/settle.ts';
import { TARGET_KINDS } from '../../../schema/ocsf/target-kinds.ts';
import { validateOcsf } from '../../../schema/ocsf/validate.ts';

/** Words that mean something to the rules, so that random rows meet them. */
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

function cellOf({ name, type }: Column): fc.Arbitrary<unknown> {
  const words = WORDS[name];
  const text =
    words === undefined ? fc.string({ maxLength: 12 }) : fc.oneof(fc.constantFrom(...words), fc.string());
  const json = name === 'ocsf_extra' ? FACTS : REQUESTS;
  const value: Record<Column['type'], fc.Arbitrary<unknown>> = {
    string: text,
    json: fc.oneof(
      { weight: 4, arbitrary: json.map((one) => JSON.stringify(one)) },
      { weight: 1, arbitrary: fc.string() },
    ),
    time: fc.oneof(fc.integer({ min: 0, max: 2 ** 52 }), fc.maxSafeInteger(), fc.double()),
    int: fc.oneof(fc.nat({ max: 70_000 }), fc.integer()),
    long: fc.oneof(fc.maxSafeNat(), fc.double()),
    bool: fc.boolean(),
    strings: fc.array(fc.string(), { maxLength: 3 }),
  };
  return fc.option(value[type], { freq: 3 });
}

const rowOf = <T>(columns: readonly Column[], empty: () => T): fc.Arbitrary<T> =>
  fc
    .record(Object.fromEntries(columns.map((column) => [column.name, cellOf(column)])))
    .map((row) => ({ ...empty(), ...row }) as T);

const EVENT = rowOf(EVENT_COLUMNS, newEvent);
const FLOW = rowOf(FLOW_COLUMNS, newFlow);
const runs = { numRuns: 1500 };

describe('any row', () => {
  test('gives an event’s record that validates, or none without a time', () => {
    fc.assert(
      fc.property(EVENT, (event) => {
        const record = renderEvent(event);
        if (record === null) expect(timeIsPlain(event.time)).toBe(false);
        else expect(validateOcsf(record)).toEqual([]);
      }),
      runs,
    );
  });

  test('gives a flow’s record that validates, or none without a time', () => {
    fc.assert(
      fc.property(FLOW, (flow) => {
        const record = renderFlow(flow);
        if (record === null) expect(timeIsPlain(flow.time)).toBe(false);
        else expect(validateOcsf(record)).toEqual([]);
      }),
      runs,
    );
  });

  test('is settled on a class that its record then has, and settling again changes nothing', () => {
    fc.assert(
      fc.property(EVENT, (event) => {
        classify(event);
        const once = { ...event };
        const record = renderEvent(event);
        if (record !== null) {
          expect([
            record['class_name'],
            record['class_uid'],
            record['activity_name'],
            record['type_uid'],
          ]).toEqual([event.class, event.class_uid, event.activity, event.type_uid]);
        }
        settleClass(event);
        expect(event).toEqual(once);
      }),
      runs,
    );
  });

  test('gives no text that neither the row nor the schema holds', () => {
    fc.assert(
      fc.property(EVENT, (event) => {
        const record = renderEvent(event);
        if (record === null) return;
        const known = wordsOfRow(event);
        const invented = textsOf(record).filter((text) => !SCHEMA_WORDS.has(text) && !known.includes(text));
        expect(invented).toEqual([]);
      }),
      runs,
    );
  });
});

const timeIsPlain = (time: number | null): boolean => Number.isSafeInteger(time);

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as OcsfRecord).flatMap(textsOf);
}

/** All text of the row, also as it stands inside its JSON columns. */
function wordsOfRow(event: AuditEvent): string {
  const texts = Object.values(event).flatMap((value) => (Array.isArray(value) ? value : [value]));
  const inner = [event.request, event.response, event.ocsf_extra].flatMap((text) => {
    try {
      return textsAndNumbersOf(JSON.parse(text ?? 'null'));
    } catch {
      return [];
    }
  });
  return [...texts, ...inner, instantOf(event.time), instantOf(event.end_time)].join('\n');
}

function textsAndNumbersOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsAndNumbersOf);
  return [String(value)];
}

const instantOf = (micros: number | null): string => {
  const millis = Math.floor((micros ?? 0) / 1000);
  if (!(Math.abs(millis) <= 8.64e15)) return '';
  return `${new Date(millis).toISOString().slice(0, -1)}${String((micros ?? 0) - millis * 1000).padStart(3, '0')}Z`;
};

const SCHEMA_WORDS = new Set([
  schema.version,
  ...schema.profiles,
  'AWS',
  'Azure',
  'GCP',
  'Unknown',
  ...textsOf(schema.classes),
  ...textsOf(schema.objects),
  ...Object.values(PRODUCTS).flatMap(({ name, vendor }) => [name, vendor ?? '']),
  ...[...OCSF_CLASSES].flatMap(([caption, { attributes }]) => [
    caption,
    ...Object.values(attributes.get('activity_id')!.values!).map((activity) => `${caption}: ${activity}`),
  ]),
  'src_endpoint.ip',
  'dst_endpoint.ip',
  'src_endpoint.hostname',
  'dst_endpoint.hostname',
  'device.hostname',
  'actor.user.name',
  'user.name',
  'process.cmd_line',
  'http_request.user_agent',
]);
