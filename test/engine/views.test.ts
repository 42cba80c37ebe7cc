import { afterEach, beforeEach, expect, test } from 'vitest';
import { OCSF_VIEWS } from '../../engine/views/ocsf.ts';
import { publishedViews } from '../../engine/views.ts';
import { EVENT_COLUMNS, TABLES, type TableName } from '../../schema/columns.ts';
import { openViews, rowsOf, TestLake } from './lake.ts';

let lake: TestLake;
beforeEach(() => {
  lake = new TestLake();
});
afterEach(() => lake.remove());

const EVENT = {
  time: '2026-01-31 10:00:00Z',
  uid: 'e1',
  identity: 'aws/e1',
  source: 'aws.cloudtrail',
  operation: 'CreateUser',
  account: '123456789012',
  actor_id: 'arn:aws:iam::123456789012:user/alice',
  src_ip: '192.0.2.1',
  status: 'success',
  evidence: 'aa',
  locator: 'bytes=0-10',
  raw: '{}',
} as const;

/** Rows of `events` as [uid, evidence, conflict], sorted. */
const shown = async (sourceRank: readonly string[] = []) =>
  await rowsOf(
    await openViews(lake.snapshot, [], sourceRank),
    'SELECT uid, evidence, conflict FROM events ORDER BY ALL',
  );

test('a lake without files still has every view with the catalogue’s columns and types', async () => {
  const connection = await openViews(lake.snapshot, [
    { view: 'aws_cloudtrail', table: 'events', source: 'aws.cloudtrail', fields: ['eventName'] },
  ]);
  for (const table of Object.keys(TABLES) as TableName[]) {
    const described = await rowsOf(connection, `SELECT column_name FROM (DESCRIBE ${table})`);
    expect(described.flat()).toEqual(TABLES[table].map(({ name }) => name));
  }
  const types = await rowsOf(
    connection,
    `SELECT column_name, column_type FROM (DESCRIBE events)
     WHERE column_name IN ('time', 'class_uid', 'type_uid', 'mfa', 'targets', 'request')`,
  );
  expect(Object.fromEntries(types)).toEqual({
    time: 'TIMESTAMP WITH TIME ZONE',
    class_uid: 'INTEGER',
    type_uid: 'BIGINT',
    mfa: 'BOOLEAN',
    targets: 'VARCHAR[]',
    request: 'VARCHAR',
  });
  expect(await rowsOf(connection, 'SELECT count(*) FROM timeline')).toEqual([['0']]);
  expect(await rowsOf(connection, 'SELECT count(*) FROM aws_cloudtrail')).toEqual([['0']]);
});

test('files written before a column existed, with one it has no more, or with a narrower type are read together', async () => {
  await lake.add('events', [EVENT], { without: ['identity', 'mfa'], also: { retired: "'x'" } });
  await lake.add('events', [{ ...EVENT, uid: 'e2', identity: 'aws/e2', mfa: true, type_uid: 600301 }]);
  await lake.add('events', [{ ...EVENT, uid: 'e3', identity: 'aws/e3' }], {
    also: { type_uid: '600302::INTEGER', time: "TIMESTAMP '2026-01-31 11:00:00'" },
  });
  const connection = await openViews(lake.snapshot);
  expect(
    await rowsOf(connection, 'SELECT uid, identity, mfa, type_uid, time::VARCHAR FROM events ORDER BY uid'),
  ).toEqual([
    ['e1', null, null, null, '2026-01-31 10:00:00+00'],
    ['e2', 'aws/e2', true, '600301', '2026-01-31 10:00:00+00'],
    ['e3', 'aws/e3', null, '600302', '2026-01-31 11:00:00+00'],
  ]);
  const names = await rowsOf(connection, 'SELECT column_name FROM (DESCRIBE events)');
  expect(names.flat()).toEqual(EVENT_COLUMNS.map(({ name }) => name));
});

test('copies that agree are shown once, whichever file came first, and all in events_all', async () => {
  const copies = [
    { ...EVENT, evidence: 'cc' },
    { ...EVENT, evidence: 'aa', operation: 'CREATEUSER' },
    { ...EVENT, evidence: 'bb', time: '2026-01-31 10:00:00.4Z', error_code: null },
  ];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    lake.remove();
    lake = new TestLake();
    for (const index of order) await lake.add('events', [copies[index]!], { overlaps: true });
    expect(await shown()).toEqual([['e1', 'aa', false]]);
    const connection = await openViews(lake.snapshot);
    expect(await rowsOf(connection, 'SELECT count(*) FROM events_all')).toEqual([['3']]);
  }
});

test('the better source is shown, then the fuller copy, then the smaller evidence, then the smaller locator', async () => {
  await lake.add('events', [{ ...EVENT, evidence: 'aa', source: 'worse' }], { overlaps: true });
  await lake.add('events', [{ ...EVENT, evidence: 'bb', source: 'better', src_ip: null }], {
    overlaps: true,
  });
  await lake.add('events', [{ ...EVENT, evidence: 'cc', source: 'better' }], { overlaps: true });
  await lake.add('events', [{ ...EVENT, evidence: 'dd', source: 'better' }], { overlaps: true });
  expect(await shown(['better', 'worse'])).toEqual([['e1', 'cc', false]]);
  expect(await shown(['worse'])).toEqual([['e1', 'aa', false]]);
});

test.each([
  ['another time', { time: '2026-01-31 10:00:01Z' }],
  ['another operation', { operation: 'DeleteUser' }],
  ['another account', { account: '111122223333' }],
  ['another actor', { actor_id: 'arn:aws:iam::123456789012:user/mallory' }],
  ['another address', { src_ip: '198.51.100.7' }],
  ['another status', { status: 'failure' }],
])('a forged copy with %s hides nothing: both are shown in conflict', async (_, forged) => {
  await lake.add('events', [EVENT], { overlaps: true });
  await lake.add('events', [{ ...EVENT, ...forged, evidence: '00' }], { overlaps: true });
  expect(await shown()).toEqual([
    ['e1', '00', true],
    ['e1', 'aa', true],
  ]);
});

test('two different values conflict even when a third copy is silent', async () => {
  await lake.add('events', [{ ...EVENT, evidence: '1', error_code: null }], { overlaps: true });
  await lake.add('events', [{ ...EVENT, evidence: '2', error_code: 'AccessDenied' }], { overlaps: true });
  await lake.add('events', [{ ...EVENT, evidence: '3', error_code: 'Throttled' }], { overlaps: true });
  expect((await shown()).map(([, , conflict]) => conflict)).toEqual([true, true, true]);
});

test('repeated rows in one file, rows whose uid is their identity, and files that do not overlap', async () => {
  await lake.add('events', [EVENT, { ...EVENT, locator: 'bytes=20-30' }], { overlaps: true });
  const anonymous = { ...EVENT, uid: 'e0', identity: null };
  await lake.add('events', [anonymous, anonymous], { overlaps: true });
  await lake.add('events', [{ ...EVENT, uid: 'e9', identity: 'aws/e9' }]);
  expect((await shown()).map(([uid]) => uid)).toEqual(['e0', 'e1', 'e9']);
});

test('rows that have neither identity nor uid are nobody’s copies', async () => {
  const nameless = { ...EVENT, uid: null, identity: null };
  await lake.add('events', [nameless, nameless], { overlaps: true });
  expect(await shown()).toHaveLength(2);
});

test('little memory means many small steps and the same answer', async () => {
  const events = Array.from({ length: 40 }, (_, index) => ({
    ...EVENT,
    uid: `e${index}`,
    identity: `i${index}`,
  }));
  const forged = { ...EVENT, uid: 'e7', identity: 'i7', account: '111122223333' };
  await lake.add('events', events, { overlaps: true });
  await lake.add('events', [...events.slice(10), forged], { overlaps: true });
  const answers = [];
  for (const memory of [2 ** 28, 10_000, 1_200]) {
    const connection = await openViews(lake.snapshot, [], [], memory);
    answers.push(
      await rowsOf(connection, 'SELECT uid, account, conflict, evidence FROM events ORDER BY ALL'),
    );
  }
  expect(answers[0]).toHaveLength(41);
  expect(answers[0]!.filter(([, , conflict]) => conflict)).toHaveLength(2);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('the very same row twice is shown once', async () => {
  await lake.add('events', [EVENT], { overlaps: true });
  await lake.add('events', [EVENT], { overlaps: true });
  expect(await shown()).toHaveLength(1);
});

test('flow copies collapse too', async () => {
  const flow = { time: '2026-01-31 10:00:00Z', uid: 'f', identity: 'f', source: 'aws.vpcflow', bytes: 10 };
  await lake.add('flows', [{ ...flow, evidence: 'bb' }], { overlaps: true });
  await lake.add(
    'flows',
    [
      { ...flow, evidence: 'aa' },
      { ...flow, identity: 'g' },
    ],
    { overlaps: true },
  );
  const connection = await openViews(lake.snapshot);
  expect(await rowsOf(connection, 'SELECT evidence, identity FROM flows ORDER BY ALL')).toEqual([
    ['aa', 'f'],
    [null, 'g'],
  ]);
});

test('filters reach the Parquet reader, also of overlapping files, and days without overlap need no join', async () => {
  const rows = [EVENT, { ...EVENT, identity: 'e2', account: '111122223333' }];
  await lake.add('events', rows);
  const plan = async () => {
    const connection = await openViews(lake.snapshot);
    const sql = "EXPLAIN (FORMAT json) SELECT uid FROM events WHERE account = '123456789012'";
    return String((await rowsOf(connection, sql))[0]![1]);
  };
  const alone = await plan();
  expect(alone).not.toContain('JOIN');
  expect(alone.match(/account='/g)).toHaveLength(1);
  await lake.add('events', rows, { overlaps: true });
  const both = await plan();
  expect(both).toContain('JOIN');
  expect(both.match(/account='/g)).toHaveLength(2);
});

test('the timeline tells events and flows in one list, a line for each', async () => {
  await lake.add('events', [
    { ...EVENT, actor_name: 'alice', target_name: 'bob', error_code: 'AccessDenied' },
  ]);
  await lake.add('flows', [
    {
      time: '2026-01-31 09:00:00Z',
      source: 'aws.vpcflow',
      action: 'reject',
      protocol: 6,
      src_ip: '198.51.100.7',
      src_port: 50000,
      dst_ip: '192.0.2.1',
      dst_port: 22,
      bytes: 840,
      log_status: 'OK',
    },
  ]);
  const connection = await openViews(lake.snapshot);
  expect(await rowsOf(connection, 'SELECT kind, summary, protocol FROM timeline ORDER BY time')).toEqual([
    ['flow', 'reject tcp 198.51.100.7:50000 → 192.0.2.1:22 840 bytes', 'tcp'],
    ['event', 'alice CreateUser bob from 192.0.2.1 (AccessDenied)', null],
  ]);
});

test('a native view has the vendor’s fields: scalars as text, objects as JSON, and null for what is no JSON', async () => {
  await lake.add('events', [
    {
      ...EVENT,
      raw: '{"eventName":"CreateUser","n":1,"ok":true,"time":"vendor","userIdentity":{"type":"Root","x":[1]},"a/b~c":"odd","Time":"upper"}',
    },
    { ...EVENT, uid: 'e2', identity: 'e2', raw: 'no JSON {' },
    { ...EVENT, uid: 'e3', identity: 'e3', raw: null },
    { ...EVENT, uid: 'e4', identity: 'e4', source: 'other' },
  ]);
  const connection = await openViews(lake.snapshot, [
    {
      view: 'AWS_CloudTrail',
      table: 'events',
      source: 'aws.cloudtrail',
      fields: ['eventName', 'n', 'ok', 'userIdentity', 'time', 'Time', 'a/b~c', "it's", 'missing'],
    },
  ]);
  expect(
    await rowsOf(
      connection,
      `SELECT uid, eventName, n, ok, userIdentity, time_, "Time__", "a/b~c", "it's", missing
       FROM aws_cloudtrail ORDER BY uid`,
    ),
  ).toEqual([
    ['e1', 'CreateUser', '1', 'true', '{"type":"Root","x":[1]}', 'vendor', 'upper', 'odd', null, null],
    ['e2', ...Array.from({ length: 9 }, () => null)],
    ['e3', ...Array.from({ length: 9 }, () => null)],
  ]);
  expect(await rowsOf(connection, "SELECT userIdentity->>'$.type' FROM aws_cloudtrail LIMIT 1")).toEqual([
    ['Root'],
  ]);
});

test('file names with quotes, brackets and stars are themselves, not patterns', async () => {
  await lake.add('events', [EVENT], {}, "it's [1]*?/a[b]*.parquet");
  await lake.add('events', [{ ...EVENT, uid: 'no' }], {}, "it's [1]*?/ab.parquet");
  const files = lake.snapshot.tables.events.files.slice(0, 1);
  const snapshot = { ...lake.snapshot, tables: { ...lake.snapshot.tables, events: { files } } };
  expect(await rowsOf(await openViews(snapshot), 'SELECT uid FROM events')).toEqual([['e1']]);
});

test('the published views, in the order people see them', () => {
  const native = { view: 'aws_cloudtrail', table: 'events', source: 'aws.cloudtrail', fields: [] } as const;
  expect([...publishedViews([native]).keys()]).toEqual([
    'events',
    'flows',
    'timeline',
    'evidence',
    'quarantine',
    'custody',
    'coverage',
    'coverage_facts',
    'verdicts',
    'events_all',
    'aws_cloudtrail',
    ...OCSF_VIEWS.map(({ view }) => view),
  ]);
});
