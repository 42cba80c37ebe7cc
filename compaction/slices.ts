/** Where the rows of a merge are cut, so that each piece fits into memory and becomes one sorted file. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from '../engine/sql-text.ts';
import type { Part } from '../engine/views/copies.ts';
import { TABLES, type TableName } from '../schema/columns.ts';
import { cutColumns } from '../tables/sort-orders.ts';

interface Key {
  readonly expression: string;
  readonly isTime: boolean;
}

/**
 * Conditions that take the part's rows apart into pieces of about so many rows, by the first of the table's columns for
 * that, and by the second where too many rows agree in the first.
 */
export async function slicesOf(
  connection: DuckDBConnection,
  table: TableName,
  part: Part,
  rowsPerSlice: number,
): Promise<readonly string[]> {
  const types = new Map<string, string>(TABLES[table].map(({ name, type }) => [name, type]));
  const keys = cutColumns(table).map((name) => ({
    expression: part.expressions.get(name)!,
    isTime: types.get(name) === 'time',
  }));
  return slice(connection, part.from, keys, 'true', rowsPerSlice);
}

async function slice(
  connection: DuckDBConnection,
  from: string,
  keys: readonly Key[],
  within: string,
  most: number,
): Promise<string[]> {
  const [key, ...more] = keys;
  const { rows, nulls } = await counts(connection, from, key, within);
  if (key === undefined || rows <= 1.5 * most) return rows === 0 ? [] : [within];
  const slices: string[] = [];
  const add = async (condition: string, rows: number) => {
    const own = within === 'true' ? condition : `${within} AND ${condition}`;
    if (rows > 2 * most) slices.push(...(await slice(connection, from, more, own, most)));
    else slices.push(own);
  };
  for (const { first, last, rows } of await cuts(connection, from, key, within, most)) {
    const literal = (value: number | string) =>
      key.isTime ? `make_timestamptz(${value})` : quoteText(String(value));
    const low = first === null ? [] : [`${key.expression} >= ${literal(first)}`];
    const high = last === null ? [] : [`${key.expression} < ${literal(last)}`];
    await add([...low, ...high, `${key.expression} IS NOT NULL`].join(' AND '), rows);
  }
  if (nulls > 0) await add(`${key.expression} IS NULL`, nulls);
  return slices;
}

async function counts(
  connection: DuckDBConnection,
  from: string,
  key: Key | undefined,
  within: string,
): Promise<{ rows: number; nulls: number }> {
  const nulls = key === undefined ? '0' : `count(*) FILTER (${key.expression} IS NULL)`;
  const reader = await connection.runAndReadAll(`SELECT count(*), ${nulls} FROM ${from} WHERE ${within}`);
  const [rows, empty] = reader.getRows()[0]!;
  return { rows: Number(rows), nulls: Number(empty) };
}

interface Cut {
  /** Values from this one on; null from the beginning. */
  readonly first: number | string | null;
  /** Values before this one; null to the end. */
  readonly last: number | string | null;
  readonly rows: number;
}

/** Cuts between different values alone, and a value that is very common stands by itself. */
async function cuts(
  connection: DuckDBConnection,
  from: string,
  { expression, isTime }: Key,
  within: string,
  most: number,
): Promise<readonly Cut[]> {
  const value = isTime ? `epoch_us(${expression})::DOUBLE` : expression;
  const result = await connection.stream(
    `SELECT value, count(*)::DOUBLE FROM (SELECT ${value} AS value FROM ${from} WHERE ${within} AND ${expression} IS NOT NULL)
      GROUP BY value ORDER BY value`,
  );
  const found: Cut[] = [];
  let first: Cut['first'] = null;
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const [values, numbers] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
    for (let at = 0; at < chunk.rowCount; at++) {
      const next = values.getItem(at) as number | string;
      const more = numbers.getItem(at) as number;
      // A text with a zero byte cannot stand in SQL: it stays with those before it.
      const speakable = typeof next === 'number' || !next.includes('\0');
      if (rows > 0 && speakable && (rows >= most || more > most)) {
        found.push({ first, last: next, rows });
        first = next;
        rows = 0;
      }
      rows += more;
    }
  }
  if (rows > 0) found.push({ first, last: null, rows });
  return found;
}
