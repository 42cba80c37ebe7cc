import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AthenaClient } from '@aws-sdk/client-athena';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trailFile } from '../../../bench/generate.ts';
import { askWhereItFits } from '../../../engine/athena/ask.ts';
import { chooseEngine } from '../../../engine/athena/choose.ts';
import { type AthenaPlace, askAthena } from '../../../engine/athena/client.ts';
import { athenaStatement } from '../../../engine/athena/statement.ts';
import { athenaTables } from '../../../engine/athena/tables.ts';
import { readSnapshot } from '../../../engine/lake-snapshot.ts';
import { collect } from '../../../stages/collect.ts';
import { readHead } from '../../../tables/head.ts';
import { currentSnapshot } from '../../../tables/iceberg/table-json.ts';
import { openTable } from '../../../tables/table-metadata.ts';
import { type Lake, openLake } from '../../../vault/lake.ts';

const folder = mkdtempSync(join(tmpdir(), 'akashi-athena-'));
let lake: Lake;
beforeAll(async () => {
  lake = await openLake(join(folder, 'lake'));
  const path = join(folder, 'trail.json');
  writeFileSync(path, trailFile(1, 20, 1_700_000_000));
  await collect(lake, [path], { threads: 1 });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Answers = Readonly<Record<string, (input: Record<string, unknown>) => object>>;

/** Athena as it answers on paper; what it was asked is kept. */
function paper(answers: Answers): { place: AthenaPlace; asked: [string, Record<string, unknown>][] } {
  const asked: [string, Record<string, unknown>][] = [];
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    asked.push([name, command.input]);
    return answers[name]?.(command.input) ?? {};
  };
  const client = { send } as unknown as AthenaClient;
  return { place: { client, database: 'trail', workGroup: 'trail' }, asked };
}

const row = (...cells: (string | undefined)[]) => ({
  Data: cells.map((cell) => (cell === undefined ? {} : { VarCharValue: cell })),
});
const COLUMNS = [
  ['uid', 'varchar'],
  ['time', 'timestamp with time zone'],
  ['count', 'bigint'],
  ['mfa', 'boolean'],
] as const;
const SUCCEEDS: Answers = {
  StartQueryExecution: () => ({ QueryExecutionId: 'q-1' }),
  GetQueryExecution: () => ({
    QueryExecution: { Status: { State: 'SUCCEEDED' }, Statistics: { DataScannedInBytes: 12_000_000 } },
  }),
  GetQueryResults: ({ NextToken }) => ({
    ResultSet: {
      ResultSetMetadata: { ColumnInfo: COLUMNS.map(([Name, Type]) => ({ Name, Type })) },
      Rows:
        NextToken === undefined
          ? [row('uid', 'time', 'count', 'mfa'), row('a', '2026-01-31 10:00:00.123456 UTC', '7', 'true')]
          : [row('b', undefined, '9007199254740993', 'false')],
    },
    ...(NextToken === undefined ? { NextToken: 'more' } : {}),
  }),
};
const CELLS = [
  ['a', '2026-01-31T10:00:00.123456Z', 7, true],
  ['b', null, '9007199254740993', false],
];

describe('which engine', () => {
  const small = { bytes: 1e6, fetchBytes: 2e6, seconds: 1 };
  test.each([
    ['a small question', small, null, 'duckdb'],
    ['many bytes', { ...small, bytes: 9e9 }, null, 'athena'],
    ['many bytes to fetch', { ...small, fetchBytes: 9e9 }, null, 'athena'],
    ['many seconds', { ...small, seconds: 301 }, null, 'athena'],
    ['many bytes, of a view that is ours alone', { ...small, bytes: 9e9 }, 'names another view', 'duckdb'],
  ] as const)('%s', (_, plan, hindrance, engine) => {
    expect(chooseEngine(plan, hindrance)).toMatchObject({ engine });
  });

  test('what Athena asks: five dollars a TB, ten MB at least', () => {
    expect(chooseEngine({ ...small, bytes: 1e12 }, null).athenaDollars).toBeCloseTo(5);
    expect(chooseEngine(small, null).athenaDollars).toBeCloseTo(0.00005);
  });
});

describe('the statement', () => {
  const asked = (sql: string, parameters: Parameters<typeof athenaStatement>[0]['parameters'] = []) =>
    athenaStatement({ sql, parameters, views: [] }, {});

  test('parameters stand in their places as literals, and texts stay what they were', () => {
    expect(
      asked(`SELECT '$a ?', "?" FROM x WHERE y = $a AND z > $t`, {
        a: "it's",
        t: { time: '1700000000000001' },
      }),
    ).toBe(
      `SELECT '$a ?', "?" FROM x WHERE y = CAST('it''s' AS varchar) AND z > from_unixtime_nanos(1700000000000001000)`,
    );
    expect(asked('SELECT ? + ?, ?', [1, 0.5, null])).toBe("SELECT BIGINT '1' + DOUBLE '0.5', NULL");
  });

  test('no value leaves its literal', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const statement = asked('SELECT $a', { a: value });
        expect(statement).toBe(`SELECT CAST('${value.replaceAll("'", "''")}' AS varchar)`);
      }),
    );
  });

  test.each([
    'SELECT 1 /* /* */ + 1 */',
    'SELECT 1 -- 2',
    String.raw`SELECT e'\' || $a || '`,
    "SELECT E''''",
    "SELECT U&'x'",
    'SELECT $$a$$',
    'SELECT $x$a$x$',
    'WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a',
  ])('%s may be read differently there, and is refused', (sql) => {
    expect(() => asked(sql, { a: 'x' })).toThrow(expect.objectContaining({ code: 'ATHENA_SQL' }));
  });

  test('views come before the names of the statement itself, held at a snapshot', async () => {
    const { head } = await readHead(lake.state);
    const tables = (await athenaTables(lake.vault, head, 'trail'))!;
    const { iceberg } = await openTable(lake.vault, head, 'events');
    const statement = athenaStatement(
      { sql: 'with a as (select 1) select count(*) from timeline', parameters: [], views: ['timeline'] },
      tables,
    );
    expect(statement).toMatch(
      /^WITH "events" AS .*"flows" AS .*"timeline" AS .*,\na as \(select 1\) select/s,
    );
    expect(statement).toContain(
      `FROM "trail"."events" FOR VERSION AS OF ${currentSnapshot(iceberg!)!['snapshot-id']}`,
    );
  });
});

describe('asking', () => {
  const request = { sql: 'SELECT 1', token: 'x'.repeat(32), timeoutMillis: 200, pollMillis: 1 };

  test('pages come one after another, with values as our own engine gives them', async () => {
    const { place } = paper(SUCCEEDS);
    const answer = await askAthena(place, request);
    const rows: unknown[] = [];
    for await (const batch of answer) rows.push(...batch);
    expect(rows).toEqual(CELLS);
    expect(answer).toMatchObject({ scannedBytes: 12_000_000, id: 'q-1' });
    expect(answer.columns[1]).toEqual({ name: 'time', type: 'TIMESTAMP WITH TIME ZONE' });
  });

  test('what Athena says of a failure is passed on', async () => {
    const Status = { State: 'FAILED', StateChangeReason: 'SYNTAX_ERROR: line 1:8' };
    const { place } = paper({ ...SUCCEEDS, GetQueryExecution: () => ({ QueryExecution: { Status } }) });
    await expect(askAthena(place, request)).rejects.toMatchObject({
      code: 'ATHENA_FAILED',
      message: expect.stringContaining('SYNTAX_ERROR'),
    });
  });

  test.each([
    ['one that takes too long', request, 'SQL_TIMEOUT'],
    [
      'one that nobody waits for any more',
      { ...request, timeoutMillis: 60_000, signal: AbortSignal.abort() },
      'SQL_CANCELLED',
    ],
  ])('%s is stopped', async (_, asking, code) => {
    const running = { QueryExecution: { Status: { State: 'RUNNING' } } };
    const { place, asked } = paper({ ...SUCCEEDS, GetQueryExecution: () => running });
    await expect(askAthena(place, asking)).rejects.toMatchObject({ code });
    expect(asked.at(-1)).toEqual(['StopQueryExecution', { QueryExecutionId: 'q-1' }]);
  });

  test('a question goes where it fits, and is the same question when asked again', async () => {
    const { head } = await readHead(lake.state);
    const { place, asked } = paper(SUCCEEDS);
    const tables = (await athenaTables(lake.vault, head, 'trail'))!;
    const snapshot = await readSnapshot(lake);
    const sql = 'SELECT count(*) AS n FROM events WHERE time > $t';
    const question = { sql, parameters: { t: new Date(0) }, snapshot, views: [] };
    const here = await askWhereItFits(question, { place, tables });
    const rows: unknown[] = [];
    for await (const batch of here) rows.push(...batch);
    expect([here.choice.engine, rows, asked.length]).toEqual(['duckdb', [[20]], 0]);

    const most = { bytes: 1, seconds: 300 };
    const limits = { maxRows: 1 };
    for (let time = 0; time < 2; time++) {
      const there = await askWhereItFits({ ...question, limits }, { place, tables, most });
      const found: unknown[] = [];
      for await (const batch of there) found.push(...batch);
      expect(found).toEqual([CELLS[0]]);
      expect(await there.summary).toMatchObject({
        truncated: 'rows',
        head: snapshot.head,
        read: { engine: 'athena', bytes: 12_000_000 },
      });
    }
    const [first, second] = asked
      .filter(([name]) => name === 'StartQueryExecution')
      .map(([, input]) => input);
    expect(first).toMatchObject({ WorkGroup: 'trail', QueryExecutionContext: { Database: 'trail' } });
    expect(first!['QueryString']).toContain('from_unixtime_nanos(0)');
    expect(second!['QueryString']).toBe(first!['QueryString']);
  }, 60_000);
});
