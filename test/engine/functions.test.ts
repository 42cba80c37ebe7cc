import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { functionAllowed, refusalReason, TABLE_FUNCTIONS } from '../../engine/gate/functions.ts';
import { rowsOf } from './lake.ts';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const known = (kinds: string) =>
  rowsOf(
    connection,
    `SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN (${kinds})`,
  ).then((rows) => rows.flat() as string[]);

test('every function this DuckDB knows is either allowed or refused with a reason, and none is both', async () => {
  const names = await known("'scalar', 'aggregate', 'macro'");
  expect(names.length).toBeGreaterThan(700);
  expect(names.filter((name) => !functionAllowed(name) && refusalReason(name) === undefined)).toEqual([]);
  expect(names.filter((name) => functionAllowed(name) && refusalReason(name) !== undefined)).toEqual([]);
});

test('of the table functions only five are allowed', async () => {
  const names = await known("'table', 'table_macro'");
  const allowed = names.filter((name) => TABLE_FUNCTIONS.has(name)).sort();
  expect(allowed).toEqual(['generate_series', 'json_each', 'json_tree', 'range', 'unnest']);
  expect(allowed.filter((name) => refusalReason(name) !== undefined)).toEqual([]);
});

test('no allowed macro calls a function that is refused', async () => {
  const macros = await rowsOf(
    connection,
    "SELECT lower(function_name), macro_definition FROM duckdb_functions() WHERE function_type = 'macro'",
  );
  for (const [name, definition] of macros as [string, string][]) {
    if (!functionAllowed(name)) continue;
    const called = [...definition.matchAll(/([a-z_0-9]+)\(/gi)].map(([, call]) => call!.toLowerCase());
    expect(
      called.filter((call) => refusalReason(call) !== undefined),
      name,
    ).toEqual([]);
  }
});
