import { afterAll, describe, expect, test } from 'vitest';
import { wrapWithLimit } from '../../engine/gate/wrap.ts';
import { admit, SqlParser } from '../../engine/gate.ts';

const parser = new SqlParser();
afterAll(() => parser.close());
const pass = (sql: string) => admit(parser, sql, ['events', 'flows', 'aws_cloudtrail']);

/** The error `sql` is refused with, as [code, message]. */
async function refusal(sql: string): Promise<readonly [string, string]> {
  try {
    await pass(sql);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
  throw new Error(`admitted: ${sql}`);
}

describe('what a responder writes is admitted', () => {
  test.each([
    'SELECT 1',
    'FROM events LIMIT 10',
    'from events select source, count(*) group by all order by 2 desc',
    "SELECT * FROM Events e WHERE e.time >= '2026-01-01' AND src_ip LIKE '192.0.2.%' ORDER BY time DESC LIMIT 5",
    "SELECT date_trunc('hour', time) AS h, count(*) FROM events GROUP BY h HAVING count(*) > 3",
    "WITH failed AS (SELECT * FROM events WHERE status = 'failure') SELECT * FROM failed JOIN flows USING (src_ip)",
    'WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b',
    'SELECT (SELECT max(time) FROM flows) - time FROM events',
    "SELECT raw->>'$.userIdentity.type', json_extract_string(raw, '$.a') FROM events",
    'SELECT unnest(targets) AS target FROM events',
    'SELECT * FROM events, unnest(targets) AS t(target)',
    'SELECT row_number() OVER (PARTITION BY account ORDER BY time) AS n FROM events QUALIFY n = 1',
    "SELECT count(*) FILTER (WHERE status = 'failure'), list(DISTINCT region) FROM events",
    "SELECT time AT TIME ZONE 'Asia/Tokyo', time::DATE, now() - INTERVAL 7 DAY FROM events",
    "SELECT * FROM generate_series(TIMESTAMPTZ '2026-01-01', TIMESTAMPTZ '2026-01-02', INTERVAL 1 HOUR)",
    'SELECT * FROM events WHERE account = $account AND region IN (SELECT unnest($regions))',
    'SELECT * FROM events WHERE account = ?',
    'VALUES (1), (2)',
    'SELECT 1 UNION ALL SELECT 2 ORDER BY 1',
    'SELECT list_transform(targets, t -> upper(t)), [x FOR x IN targets IF x IS NOT NULL] FROM events',
    'SELECT * EXCLUDE (raw) FROM aws_cloudtrail USING SAMPLE 10 ROWS',
    "SELECT regexp_extract(user_agent, '^[^/]+'), coalesce(actor_name, '-'), nullif(a, b), CASE WHEN mfa THEN 1 END FROM events",
    'SELECT approx_count_distinct(src_ip), median(bytes), arg_max(uid, time) FROM flows',
    'DESCRIBE events',
    'SUMMARIZE SELECT * FROM flows',
    'SHOW TABLES',
  ])('%s', async (sql) => {
    await expect(pass(sql)).resolves.toHaveProperty('sql');
  });
});

test('it tells which views and which parameters a statement uses', async () => {
  const { views, parameters } = await pass(
    'WITH x AS (FROM Events) SELECT $a, $b FROM x JOIN "FLOWS" ON $a = (SELECT 1)',
  );
  expect([...views].sort()).toEqual(['events', 'flows']);
  expect([...parameters].sort()).toEqual(['a', 'b']);
  expect([...(await pass('SELECT ?, ?')).parameters].sort()).toEqual(['1', '2']);
});

test('a syntax error says where, with the line and a caret under the place', async () => {
  expect(await refusal("SELECT 'Ω日本😀'\nFROM events WHRE uid = 1\nLIMIT 1")).toEqual([
    'SQL_SYNTAX',
    'line 2, column 18: syntax error at or near "uid"\n  FROM events WHRE uid = 1\n                   ^',
  ]);
  expect(await refusal('FROM')).toEqual([
    'SQL_SYNTAX',
    expect.stringMatching(/^line 1, column 5: .*\n {2}FROM\n {6}\^$/),
  ]);
});

test('a caret stands under the place also after wide characters', async () => {
  const [, message] = await refusal("SELECT '日本', getenv('x')");
  expect(message.split('\n').slice(1)).toEqual(["  SELECT '日本', getenv('x')", `${' '.repeat(17)}^`]);
});

test('a caret stands under the first character', async () => {
  expect(await refusal('SELEC 1\n\n')).toEqual([
    'SQL_SYNTAX',
    'line 1, column 1: syntax error at or near "SELEC"\n  SELEC 1\n  ^',
  ]);
});

test('a caret stays under the place in a long line', async () => {
  const [, message] = await refusal(`SELECT ${'1 + '.repeat(100)} FROM events`);
  const [, excerpt = '', caret = ''] = message.split('\n');
  expect(excerpt.length).toBeLessThan(80);
  expect(excerpt.slice(caret.indexOf('^')).startsWith('FROM')).toBe(true);
});

test('a table that does not exist is answered with those that do', async () => {
  expect(await refusal("SELECT '日本', *\nFROM event")).toEqual([
    'SQL_UNKNOWN_TABLE',
    expect.stringContaining(
      'line 2, column 6: there is no table "event"; did you mean events? there are events, flows, aws_cloudtrail',
    ),
  ]);
});

test.each([
  ['SELECT getenv(1)', /function "getenv" is not allowed: it tells of the engine/],
  ['SELECT frobnicate(1)', /function "frobnicate" is not allowed: it is not on the list/],
  ['FROM frobnicate(1)', /not allowed in FROM: the functions allowed in FROM are generate_series/],
  ['SELECT 1; SELECT 2', /exactly one statement, and these are 2; run them one by one/],
  ['-- nothing', /exactly one statement, and these are 0/],
  ['INSERT INTO events VALUES (1)', /no query; a query only reads: write SELECT/],
  ['SELECT * FROM events AT (VERSION => 1)', /reads the lake as it is now/],
  [`SELECT ${'1,'.repeat(200_000)}1`, /at most 262144 are allowed: pass long lists as a parameter/],
  [`${'/*'.repeat(201)}${'*/'.repeat(201)} SELECT 1`, /more than 200 times; remove comments/],
  ['SELECT 1\0', /NUL character/],
])('%.60s is refused with the rule and the way out', async (sql, message) => {
  expect(await refusal(sql)).toEqual(['SQL_NOT_ALLOWED', expect.stringMatching(message)]);
});

test('SHOW TABLES lists the published views', async () => {
  expect((await pass('show tables')).sql).toBe(
    "SELECT name FROM (VALUES ('events'), ('flows'), ('aws_cloudtrail')) AS views(name)",
  );
});

test.each([
  ['brackets', `SELECT ${'('.repeat(50_000)}1${')'.repeat(50_000)}`],
  ['set operations', `SELECT 1${' UNION ALL SELECT 1'.repeat(12_000)}`],
  ['conjunctions', `SELECT 1=1${' AND 1=1'.repeat(30_000)}`],
  ['subqueries', `SELECT ${'(SELECT '.repeat(20_000)}1${')'.repeat(20_000)}`],
  ['sums', `SELECT 1${'+1'.repeat(100_000)}`],
  ['quotes', `SELECT ${"'".repeat(100_001)}`],
  ['types', `SELECT NULL::INTEGER${'[]'.repeat(900)}`],
])('statements of absurdly many %s do no harm', async (_, sql) => {
  await pass(sql).catch((error: { code?: string }) => expect(error.code).toMatch(/^SQL_/));
  await expect(pass('SELECT 1')).resolves.toHaveProperty('sql');
});

describe('putting a statement inside another', () => {
  test.each([
    'SELECT 1',
    'SELECT 1;',
    'SELECT 1 -- comment',
    'SELECT 1; -- comment',
    'SELECT 1 /* ) LIMIT 0 */;',
    "SELECT ')' AS x",
    'FROM events ORDER BY time',
    'WITH a AS (SELECT 1) FROM a',
    'DESCRIBE events',
  ])('%s', async (sql) => {
    expect(await wrapWithLimit(parser, sql, 10)).toMatch(/^SELECT \* FROM \(\n.*\n\) LIMIT 10$/s);
  });

  test.each(['SELECT 1) UNION ALL SELECT (2', 'SELECT 1) AS x, (SELECT 2', '1', ') SELECT 1 ('])(
    '%s cannot reach out of its brackets',
    async (sql) => {
      await expect(wrapWithLimit(parser, sql, 10)).rejects.toHaveProperty('code');
    },
  );
});
