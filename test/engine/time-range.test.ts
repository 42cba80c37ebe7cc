/** Which statements say plainly of which time they ask. */

import { expect, test } from 'vitest';
import type { Parameters } from '../../engine/parameters.ts';
import { timeRange } from '../../engine/time-range.ts';

const range = async (sql: string, parameters: Parameters = []) => {
  const found = await timeRange(sql, parameters);
  const text = (micros: number | null) => (micros === null ? '' : new Date(micros / 1000).toISOString());
  return found === null ? null : `${text(found.from)}/${text(found.to)}`;
};

const MARCH = '2026-03-01T00:00:00.000Z';
const APRIL = '2026-04-01T00:00:00.000Z';

test.each([
  ["where time >= '2026-03-01' and time < '2026-04-01'", `${MARCH}/${APRIL}`],
  ["where time >= TIMESTAMP '2026-03-01 00:00:00' and source = 'x'", `${MARCH}/`],
  [
    "where events.time > timestamptz '2026-03-01 01:00:00+01' and '2026-04-01T00:00:00Z' > time",
    `${MARCH}/${APRIL}`,
  ],
  ["where time between '2026-03-01' and '2026-03-31 23:59:59.999999'", `${MARCH}/2026-04-01T00:00:00.000Z`],
  ["where time < '2026-04-01' and (time < '2026-03-01' and status = 'failure')", `/${MARCH}`],
  ["where time >= '2026-03-01' and time > now()", `${MARCH}/`],
])('plainly: %s', async (where, expected) => {
  expect(await range(`select count(*) from events ${where} order by 1`)).toBe(expected);
});

test('by parameters', async () => {
  const sql = 'select 1 from flows where time >= $since and time < $until';
  expect(await range(sql, { since: '2026-03-01T00:00:00Z', until: new Date(APRIL) })).toBe(
    `${MARCH}/${APRIL}`,
  );
  expect(await range('select 1 from flows where time >= ?', ['2026-03-01'])).toBe(`${MARCH}/`);
  expect(await range(sql, {})).toBeNull();
});

test.each([
  'select 1 from events',
  "select 1 from events where time >= '2026-03-01' or source = 'x'",
  "select 1 from events where end_time >= '2026-03-01'",
  "select 1 from events where time >= 'yesterday'",
  "select 1 from evidence where received_at >= '2026-03-01'",
  "select 1 from events where time >= '2026-03-01' and uid in (select uid from events)",
  "select 1 from events a join events b on a.uid = b.uid where a.time >= '2026-03-01'",
  "with e as (select * from events) select 1 from e where time >= '2026-03-01'",
  "select 1 from events where time >= '2026-03-01' union select 1 from events",
])('the whole lake: %s', async (sql) => {
  expect(await range(sql)).toBeNull();
});
