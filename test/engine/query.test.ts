import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainQuery } from '../../engine/explain.ts';
import { SqlParser } from '../../engine/gate.ts';
import { withDefaults } from '../../engine/limits.ts';
import { type QueryRequest, runQuery } from '../../engine/query.ts';
import { queryToParquet } from '../../engine/query-parquet.ts';
import type { Batch } from '../../engine/result.ts';
import { prewarmed } from '../../engine/sandbox/pool.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { openViews, rowsOf, TestLake } from './lake.ts';

const MEMORY = 400 * 2 ** 20;
const lake = new TestLake();
const parser = new SqlParser();
let snapshot: Snapshot;

beforeAll(async () => {
  mkdirSync(temporary);
  process.env['TMPDIR'] = temporary;
  const event = { source: 'aws.cloudtrail', account: '123456789012', raw: '{"eventName":"CreateUser"}' };
  await lake.add('events', [
    { ...event, uid: 'e1', time: '2026-01-31 10:00:00.000001Z', src_ip: '192.0.2.1', identity: 'e1' },
    { ...event, uid: 'e2', time: '2026-01-31 11:00:00Z', src_ip: '2001:db8::1', identity: 'e2' },
  ]);
  await lake.add('events', [{ ...event, uid: 'e0', time: '2025-12-01 00:00:00Z', identity: 'e0' }]);
  await lake.add('flows', [{ src_ip: '192.0.2.1', bytes: 840, identity: 'f1' }]);
  ({ snapshot } = lake);
});
afterAll(async () => {
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  await parser.close();
  lake.remove();
});

const request = (sql: string, more: Partial<QueryRequest> = {}): QueryRequest => ({
  sql,
  snapshot,
  views: [{ view: 'aws_cloudtrail', table: 'events', source: 'aws.cloudtrail', fields: ['eventName'] }],
  parser,
  ...more,
  limits: { memoryBytes: MEMORY, timeoutMillis: 10_000, threads: 1, ...more.limits },
});

async function collect(sql: string, more: Partial<QueryRequest> = {}) {
  const answer = await runQuery(request(sql, more));
  const rows: Batch[number][] = [];
  for await (const batch of answer) rows.push(...batch);
  return { columns: answer.columns, rows, summary: await answer.summary };
}

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  );

const temporary = join(lake.folder, 'tmp');
const usual = process.env['TMPDIR'];

test('an answer has columns with types, rows and a summary that names the head', async () => {
  const { columns, rows, summary } = await collect(
    'SELECT uid, time, 1 AS uid FROM events ORDER BY time DESC',
  );
  expect(columns).toEqual([
    { name: 'uid', type: 'VARCHAR' },
    { name: 'time', type: 'TIMESTAMP WITH TIME ZONE' },
    { name: 'uid:1', type: 'INTEGER' },
  ]);
  expect(rows).toEqual([
    ['e2', '2026-01-31T11:00:00.000000Z', 1],
    ['e1', '2026-01-31T10:00:00.000001Z', 1],
    ['e0', '2025-12-01T00:00:00.000000Z', 1],
  ]);
  expect(summary).toMatchObject({ rowCount: 3, truncated: null, head: 'head-1' });
  expect(summary.seconds).toBeGreaterThan(0);
});

test('every kind of view answers, tables without files too', async () => {
  const { rows } = await collect(
    `SELECT (SELECT count(*) FROM timeline), (SELECT count(*) FROM aws_cloudtrail WHERE eventName = 'CreateUser'),
       (SELECT count(*) FROM quarantine), (SELECT count(*) FROM evidence), (SELECT count(*) FROM events_all)`,
  );
  expect(rows).toEqual([[4, 3, 0, 0, 3]]);
});

test('parameters are values by position or by name, never text of the statement', async () => {
  const hostile = "x' OR 1=1; --";
  const named = await collect('SELECT $a AS a, $b + 1 AS b, $c AS c, $d AS d, $e AS e', {
    parameters: { a: hostile, b: 2n ** 60n, c: null, d: ['x', 'y'], e: new Date('2026-01-31T10:00:00.5Z') },
  });
  expect(named.rows).toEqual([
    [hostile, '1152921504606846977', null, ['x', 'y'], '2026-01-31T10:00:00.500000Z'],
  ]);
  const positional = await collect('SELECT uid FROM events WHERE src_ip = ? AND time > ?', {
    parameters: ['192.0.2.1', new Date('2026-01-01T00:00:00Z')],
  });
  expect(positional.rows).toEqual([['e1']]);
});

test('a list without elements is a value too', async () => {
  const sql = `SELECT count(*) FILTER (action IN (SELECT unnest($d))) AS found, list_has_any(['x'], $d) AS shared,
    count(*) FILTER (action NOT IN (SELECT unnest($d))) = count(*) AS others FROM events`;
  const { rows } = await collect(sql, { parameters: { d: [] } });
  expect(rows).toEqual([[0, false, true]]);
  expect((await collect('SELECT len(?)', { parameters: [[]] })).rows).toEqual([[0]]);
});

test('a parameter that is missing or not asked for is named', async () => {
  const answer = runQuery(request('SELECT $a, $b', { parameters: { a: 1, c: 2 } }));
  await expect(answer).rejects.toMatchObject({
    code: 'SQL_PARAMETER',
    message: 'no value is given for $b; the statement has no $c',
  });
});

test('row and byte limits cut an answer short and say so', async () => {
  const byRows = await collect('SELECT * FROM range(100)', { limits: { maxRows: 10 } });
  expect(byRows.summary).toMatchObject({ rowCount: 10, truncated: 'rows' });
  expect(byRows.rows).toHaveLength(10);
  const whole = await collect('SELECT * FROM range(10)', { limits: { maxRows: 10 } });
  expect(whole.summary).toMatchObject({ rowCount: 10, truncated: null });
  const byBytes = await collect("SELECT repeat('x', 1000) FROM range(100)", { limits: { maxBytes: 10_000 } });
  expect(byBytes.summary).toMatchObject({ rowCount: 9, truncated: 'bytes' });
});

test('rows arrive while the query still runs', async () => {
  const answer = await runQuery(request("SELECT range, repeat('x', 200) FROM range(2000000)"));
  const started = performance.now();
  for await (const batch of answer) {
    expect(batch.length).toBeGreaterThan(0);
    break;
  }
  expect(performance.now() - started).toBeLessThan(1_000);
});

test.each([
  ['SELECT nothing FROM events', 'SQL_INVALID', /"nothing" not found[\s\S]*LINE 1/],
  ['SELECT CAST(raw AS INTEGER) FROM events', 'SQL_FAILED', /Conversion Error/],
  ['SELECT (1, 2)', 'SQL_INVALID', /name them/],
  ["SELECT CAST(chr(27) || '[31m' || chr(8238) AS INTEGER)", 'SQL_FAILED', /\\x1b\[31m\\u\{202e\}/],
])('%s fails with a code and harmless words', async (sql, code, message) => {
  const error = await collect(sql).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a query that takes too long, or is cancelled, ends at once', async () => {
  const endless = 'SELECT count(*) FROM range(10000000000000)';
  expect(await codeOf(collect(endless, { limits: { timeoutMillis: 300 } }))).toBe('SQL_TIMEOUT');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 500);
  expect(await codeOf(collect(endless, { signal: controller.signal }))).toBe('SQL_CANCELLED');
  expect(await codeOf(collect('SELECT 1', { signal: AbortSignal.abort() }))).toBe('SQL_CANCELLED');
});

test('a slow reader does not use up the query’s time', async () => {
  const answer = await runQuery(
    request('SELECT range FROM range(300000)', { limits: { timeoutMillis: 1_500 } }),
  );
  let paused = false;
  let rows = 0;
  for await (const batch of answer) {
    rows += batch.length;
    if (!paused) await new Promise((resolve) => setTimeout(resolve, 1_700));
    paused = true;
  }
  expect(rows).toBe(300_000);
});

test('limits that are none are refused by name', async () => {
  for (const limits of [{ maxRows: 0 }, { timeoutMillis: 1.5 }, { memoryBytes: 1 }]) {
    expect(await codeOf(runQuery(request('SELECT 1', { limits })))).toBe('QUERY_LIMIT');
  }
});

test('a data file that is gone or no Parquet fails the query, not us', async () => {
  writeFileSync(join(lake.folder, 'text.parquet'), 'no Parquet at all');
  for (const name of ['gone.parquet', 'text.parquet']) {
    const files = [{ path: join(lake.folder, name), day: '2026-01-31', rows: 1, bytes: 1, overlaps: false }];
    const broken = { ...snapshot, tables: { ...snapshot.tables, events: { files } } };
    expect(await codeOf(collect('SELECT uid FROM events', { snapshot: broken }))).toBe('SQL_LAKE_UNREADABLE');
  }
});

test('processes kept ready are each used once and replaced', async () => {
  const sandboxes = prewarmed(withDefaults({ memoryBytes: MEMORY }), 1);
  const pids = new Set<number>();
  const counted = {
    ...sandboxes,
    take: async () => {
      const sandbox = await sandboxes.take();
      pids.add(sandbox.pid);
      return sandbox;
    },
  };
  for (let round = 0; round < 3; round++) {
    expect((await collect('SELECT 42', { sandboxes: counted })).rows).toEqual([[42]]);
  }
  expect(pids.size).toBe(3);
  await sandboxes.close();
});

test('a Parquet answer keeps types, replaces what was there, and is whole or not there', async () => {
  const path = join(lake.folder, "it's.parquet");
  const sql = 'SELECT uid, time, [1, 2] AS list, 1.50::DECIMAL(9, 2) AS d FROM events ORDER BY uid; -- all';
  const summary = await queryToParquet(request(sql), path);
  expect(summary).toMatchObject({ rowCount: 3, truncated: null, head: 'head-1' });
  await queryToParquet(request(sql), path);
  const connection = await openViews(snapshot);
  expect(
    await rowsOf(connection, `SELECT * FROM read_parquet('${path.replace("'", "''")}') LIMIT 1`),
  ).toEqual([['e0', '2025-12-01 00:00:00+00', [1, 2], '1.50']]);
  const before = readFileSync(path);
  const tooLong = queryToParquet(request('FROM range(11)', { limits: { maxRows: 10 } }), path);
  expect(await codeOf(tooLong)).toBe('SQL_RESULT_TOO_LARGE');
  const tooLarge = queryToParquet(
    request('SELECT md5(range::VARCHAR) FROM range(400000)', { limits: { maxBytes: 100_000 } }),
    path,
  );
  expect(await codeOf(tooLarge)).toBe('SQL_RESULT_TOO_LARGE');
  expect(await codeOf(queryToParquet(request('SELECT 1) TO (SELECT 2'), path))).toBe('SQL_SYNTAX');
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(existsSync(`${path}.tmp`)).toBe(false);
});

test('explain tells files, row groups, columns and bytes without reading rows', async () => {
  const plan = await explainQuery(
    request("SELECT e.uid FROM events e JOIN flows f USING (src_ip) WHERE e.time >= '2026-01-01'"),
  );
  expect(plan.head).toBe('head-1');
  expect(plan.scans.map(({ table, files, rows }) => ({ table, files, rows }))).toEqual([
    { table: 'events', files: 1, rows: 2 },
    { table: 'flows', files: 1, rows: 1 },
  ]);
  expect([...plan.scans[0]!.columns].sort()).toEqual(['src_ip', 'time', 'uid']);
  expect(plan).toMatchObject({ files: 2, rowGroups: 2 });
  expect(plan.bytes).toBeGreaterThan(0);
  expect(plan.bytes).toBeLessThan(plan.tableBytes);
  const nothing = await explainQuery(request('SELECT 1'));
  expect(nothing).toMatchObject({ scans: [], bytes: 0, tableBytes: 0 });
});

test('explain counts what telling copies apart reads', async () => {
  const copies = new TestLake();
  await copies.add('events', [{ uid: 'e1', identity: 'e1', raw: 'x' }], { overlaps: true });
  await copies.add('events', [{ uid: 'e1', identity: 'e1', raw: 'x' }], { overlaps: true });
  const more = { snapshot: copies.snapshot };
  expect((await collect('SELECT uid FROM events', more)).rows).toEqual([['e1']]);
  await copies.add('events', [{ uid: 'e2', identity: 'e2', raw: 'x' }]);
  const plan = await explainQuery(request('SELECT raw FROM events', more));
  expect(plan.scans.map(({ files, columns }) => [files, columns.includes('identity')])).toEqual([
    [1, false],
    [2, true],
  ]);
  expect(plan.scans.map(({ columns }) => columns.includes('raw'))).toEqual([true, true]);
  copies.remove();
});

test('nothing is left behind in the folder for temporary files', () => {
  expect(readdirSync(temporary)).toEqual([]);
});
