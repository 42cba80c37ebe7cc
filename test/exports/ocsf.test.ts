import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportCommand } from '../../cli/commands/export.ts';
import { quoteText } from '../../engine/sql-text.ts';
import { exportOcsfLines, microsOf } from '../../exports/ocsf-lines.ts';
import { exportOcsfParquet } from '../../exports/ocsf-parquet.ts';
import { type ExportBase, rowsBetween, rowsOf } from '../../exports/ocsf-selection.ts';
import { validateOcsf } from '../../schema/ocsf/validate.ts';
import { openViews, TestLake } from '../engine/lake.ts';

const EVENT = {
  time: '2026-01-31 10:00:00.123456Z',
  uid: 'e1',
  source: 'aws.cloudtrail',
  cloud: 'aws',
  class: 'API Activity',
  class_uid: 6003,
  activity: 'Create',
  type_uid: 600301,
  severity: 'Informational',
  operation: 'RunInstances',
  actor_name: 'alice',
  src_ip: '192.0.2.1',
  targets: ['i-1', 'i-2'],
  evidence: 'aa',
  locator: 'bytes=0-9',
  raw: '{"text":"Grüße\\n"}',
};

const SIGN_IN = {
  ...EVENT,
  uid: 'e2',
  time: '2026-02-01 00:00:00Z',
  class: 'Authentication',
  class_uid: 3002,
  activity: 'Logon',
  type_uid: 300201,
  service: 'signin.amazonaws.com',
  locator: 'bytes=10-19',
};

const FLOW = {
  time: '2026-01-31 09:00:00Z',
  uid: 'f1',
  source: 'aws.vpcflow',
  cloud: 'aws',
  action: 'reject',
  direction: 'ingress',
  interface: 'eni-1',
  src_ip: '198.51.100.7',
  dst_ip: '192.0.2.1',
  dst_port: 22,
  protocol: 6,
  evidence: 'bb',
  locator: 'bytes=0-9',
};

const lake = new TestLake();
const folder = mkdtempSync(join(tmpdir(), 'akashi-export-'));
let base: ExportBase;

beforeAll(async () => {
  await lake.add('events', [EVENT, SIGN_IN, { ...EVENT, uid: 'e3', time: null, locator: 'bytes=20-29' }]);
  await lake.add('flows', [FLOW, { ...FLOW, uid: 'f2', src_ip: null, dst_ip: null, direction: null }]);
  base = { snapshot: lake.snapshot, views: [] };
});
afterAll(() => {
  lake.remove();
  rmSync(folder, { recursive: true });
});

const recordsIn = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Ids of the events and flows that a statement chooses. */
async function chosen(sql: string, parameters = {}): Promise<unknown[]> {
  const selections = await rowsOf(base, sql, parameters);
  const views = await openViews(lake.snapshot);
  const uids: unknown[] = [];
  for (const one of selections) {
    const reader = await views.runAndReadAll(`SELECT uid FROM (${one.sql}) ORDER BY 1`, parameters);
    uids.push(...reader.getRows().flat());
  }
  return uids;
}

describe('JSON lines', () => {
  test('every row with a time becomes one line that validates, counted by class', async () => {
    const path = join(folder, 'all.jsonl');
    const seen: number[] = [];
    const result = await exportOcsfLines(base, rowsBetween(null, null), path, (records) =>
      seen.push(records),
    );
    const records = recordsIn(path);
    expect(records.flatMap(validateOcsf)).toEqual([]);
    expect(result).toMatchObject({
      schema: '1.8.0',
      records: 4,
      classes: { 'API Activity': 1, Authentication: 1, 'Base Event': 1, 'Network Activity': 1 },
      withoutTime: 1,
      invalid: 0,
      bytes: readFileSync(path).length,
      head: 'head-1',
    });
    expect(seen.at(-1)).toBe(4);
    expect(records.find(({ class_uid }) => class_uid === 6003)).toMatchObject({
      time: 1_769_853_600_123,
      time_dt: '2026-01-31T10:00:00.123456Z',
      api: { operation: 'RunInstances' },
      resources: [{ uid: 'i-1' }, { uid: 'i-2' }],
      raw_data: EVENT.raw,
      unmapped: { evidence: 'aa', locator: 'bytes=0-9' },
    });
    expect(records.find(({ class_uid }) => class_uid === 4001)).toMatchObject({
      activity_name: 'Refuse',
      dst_endpoint: { ip: '192.0.2.1', port: 22, interface_uid: 'eni-1' },
      connection_info: { protocol_name: 'tcp', direction: 'Inbound' },
    });
  });

  test('since is included, until is not', async () => {
    const path = join(folder, 'day.jsonl');
    const days = rowsBetween(new Date('2026-01-31T10:00:00Z'), new Date('2026-02-01T00:00:00Z'));
    expect((await exportOcsfLines(base, days, path)).classes).toEqual({ 'API Activity': 1 });
  });

  test('what fails on the way leaves the file that was there, and nothing beside it', async () => {
    const path = join(folder, 'kept.jsonl');
    writeFileSync(path, 'before');
    const sql = "SELECT * REPLACE (CAST(raw || 'x' AS INTEGER)::VARCHAR AS raw) FROM events";
    await expect(exportOcsfLines(base, [{ table: 'events', sql, parameters: [] }], path)).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('rows chosen by a statement', () => {
  test.each([
    ['whole rows, with more beside them', 'select *, 1 as one from flows;', ['f1', 'f2']],
    ['columns that name rows', "select evidence, locator from events where uid = 'e2' -- last", ['e2']],
    ['any columns of rows', "select coalesce(actor_name, 'x') as who from events where uid = 'e1'", ['e1']],
  ])('%s', async (_, sql, uids) => {
    expect(await chosen(sql)).toEqual(uids);
  });

  test('with parameters', async () => {
    const sql = 'select source, uid from events where uid = $id order by 1';
    expect(await chosen(sql, { id: 'e2' })).toEqual(['e2']);
  });

  test.each([
    'select actor_name, count(*) from events group by 1',
    'select uid from events union all select uid from flows',
  ])('not of an answer that holds no rows: %s', async (sql) => {
    await expect(rowsOf(base, sql, [])).rejects.toMatchObject({ code: 'EXPORT_NOT_ROWS' });
  });
});

test('Parquet: one file per class that has records, nested as its view', async () => {
  const out = join(folder, 'parquet');
  const days = rowsBetween(null, new Date('2026-02-01T00:00:00Z')).filter(({ table }) => table === 'events');
  const result = await exportOcsfParquet(base, days, out);
  expect(result).toMatchObject({ records: 1, withoutTime: 0, classes: { 'API Activity': 1 } });
  expect(readdirSync(out)).toEqual(['ocsf_api_activity.parquet']);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const file = quoteText(join(out, 'ocsf_api_activity.parquet'));
  const reader = await connection.runAndReadAll(
    `SELECT actor.user.name, resources[2].uid, time, metadata.version FROM ${file}`,
  );
  expect(reader.getRows()).toEqual([['alice', 'i-2', 1_769_853_600_123n, '1.8.0']]);
});

test('instants of an answer keep their microseconds', () => {
  expect(microsOf('2026-01-31T10:00:00.123456Z')).toBe(1_769_853_600_123_456);
  expect(microsOf('1969-12-31T23:59:59.999999Z')).toBe(-1);
  expect([microsOf(null), microsOf('infinity')]).toEqual([null, null]);
});

test.each([
  [{}, '--out'],
  [{ out: 'x' }, 'a package needs a question'],
  [{ format: 'ocsf', out: 'x', zip: true }, '--zip is of packages'],
  [{ format: 'csv' }, '--format must be one of'],
  [{ format: 'ocsf' }, '--out'],
  [{ format: 'ocsf', out: 'x', sql: 'select 1', name: 'q' }, 'not both'],
  [{ format: 'ocsf', out: 'x', sql: 'select 1', since: '2026-01-01' }, '--since'],
  [{ format: 'ocsf', out: 'x', since: 'yesterday' }, 'yesterday'],
  [{ format: 'ocsf', out: 'x', param: ['a=1'] }, '--param needs'],
])('misuse is named: %j', async (values, words) => {
  const invocation = { words: [], values, lake: folder, json: false };
  await expect(exportCommand.run(invocation)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(words) as string,
  });
});
