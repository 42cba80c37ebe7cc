/** Which rows an export takes: whole rows of `events` and `flows`, however they were chosen. */

import type { Syntax, SyntaxNode } from '../engine/gate/parse.ts';
import { SqlParser } from '../engine/gate.ts';
import type { Parameters } from '../engine/parameters.ts';
import { type QueryRequest, runQuery } from '../engine/query.ts';
import { TABLES } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';

export type RowTable = 'events' | 'flows';

/** A statement whose answer is whole rows of one table. */
export interface Selection {
  readonly table: RowTable;
  readonly sql: string;
  readonly parameters: Parameters;
}

/** The lake's state and limits that all statements of an export share. */
export type ExportBase = Omit<QueryRequest, 'sql' | 'parameters'>;

/** Everything from `since` on and before `until`; all rows where neither is given. */
export function rowsBetween(since: Date | null, until: Date | null): Selection[] {
  const conditions = [
    ...(since === null ? [] : ['time >= $since']),
    ...(until === null ? [] : ['time < $until']),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const parameters = { ...(since === null ? {} : { since }), ...(until === null ? {} : { until }) };
  return (['events', 'flows'] as const).map((table) => ({
    table,
    sql: `SELECT * FROM ${table}${where}`,
    parameters,
  }));
}

/** Columns that together name a row. */
const ROW_NAMES = [
  ['evidence', 'locator'],
  ['source', 'uid'],
] as const;

/**
 * The rows a statement answers with: the answer itself where it has all columns of a table; otherwise the rows it names
 * by `evidence` and `locator` or by `source` and `uid`, columns which the answer has or the statement could have asked
 * for. Throws AkashiError EXPORT_NOT_ROWS for one that counts, groups or otherwise answers with no rows of the lake.
 */
export async function rowsOf(base: ExportBase, sql: string, parameters: Parameters): Promise<Selection[]> {
  const statement = sql.replace(/[\s;]+$/, '');
  const columns = await columnsOf(base, statement, parameters);
  const whole = (['events', 'flows'] as const).find((table) =>
    TABLES[table].every(({ name }) => columns.has(name)),
  );
  if (whole !== undefined) {
    const names = TABLES[whole].map(({ name }) => `"${name}"`).join(', ');
    return [{ table: whole, sql: `SELECT ${names} FROM ${bracketed(statement)}`, parameters }];
  }
  const naming = await namingRows(base, statement, parameters, columns);
  if (naming === null) {
    throw new AkashiError(
      'EXPORT_NOT_ROWS',
      `the answer has the columns ${[...columns].join(', ')}; an export needs whole rows (select * from events …) or columns that name them: evidence and locator, or source and uid`,
    );
  }
  const names = `(${naming.names.join(', ')})`;
  return (['events', 'flows'] as const).map((table) => ({
    table,
    sql: `SELECT * FROM ${table} WHERE ${names} IN (SELECT ${names} FROM ${bracketed(naming.sql)})`,
    parameters,
  }));
}

/** Line breaks end a comment at the statement's own end. */
const bracketed = (sql: string): string => `(\n${sql}\n) AS chosen`;

interface Naming {
  readonly sql: string;
  readonly names: readonly string[];
}

async function namingRows(
  base: ExportBase,
  sql: string,
  parameters: Parameters,
  columns: ReadonlySet<string>,
): Promise<Naming | null> {
  const asked = ROW_NAMES.find((names) => names.every((name) => columns.has(name)));
  if (asked !== undefined) return { sql, names: asked };
  const place = await startOfAnswer(sql);
  if (place === null) return null;
  for (const names of ROW_NAMES) {
    const more = `${sql.slice(0, place)}${names.join(', ')}, ${sql.slice(place)}`;
    if (await isAnswerable(base, more, parameters)) return { sql: more, names };
  }
  return null;
}

/** Where a plain SELECT names its first column; null for a statement of another form. */
async function startOfAnswer(sql: string): Promise<number | null> {
  const parser = new SqlParser();
  try {
    const [statement] = await parser.parse(sql);
    const node = statement?.['node'] as SyntaxNode | undefined;
    if (node?.['type'] !== 'SELECT_NODE') return null;
    const [first] = node['select_list'] as readonly Syntax[];
    const bytes = firstPlace(first ?? null);
    if (bytes === null) return null;
    const before = Buffer.from(sql).toString('utf8', 0, bytes);
    // Not every expression has a place of its own: between the keyword and the first thing that has may stand `f(`.
    const start = /\bselect(?:\s+distinct)?\s+(?=(?:\w+\s*\(\s*)*$)/i.exec(before);
    return start === null ? null : start.index + start[0].length;
  } finally {
    void parser.close();
  }
}

/** The first place in the text, in bytes, that an expression or a part of it has. */
function firstPlace(tree: Syntax): number | null {
  if (tree === null || typeof tree !== 'object') return null;
  const own = (tree as SyntaxNode)['query_location'];
  const places = Object.values(tree as SyntaxNode).map(firstPlace);
  const known = [...places, typeof own === 'number' ? own : null].filter(
    (place) => place !== null && Number.isSafeInteger(place),
  );
  return known.length === 0 ? null : Math.min(...(known as number[]));
}

/** Whether those columns can be asked for; a statement that groups or does not have them is refused when it is bound. */
async function isAnswerable(base: ExportBase, sql: string, parameters: Parameters): Promise<boolean> {
  try {
    await columnsOf(base, sql, parameters);
    return true;
  } catch (error) {
    if (error instanceof AkashiError && error.code.startsWith('SQL_')) return false;
    throw error;
  }
}

async function columnsOf(
  base: ExportBase,
  sql: string,
  parameters: Parameters,
): Promise<ReadonlySet<string>> {
  const answer = await runQuery({ ...base, sql: `SELECT * FROM ${bracketed(sql)} LIMIT 0`, parameters });
  for await (const _ of answer) break;
  return new Set(answer.columns.map(({ name }) => name));
}

/** How many rows a selection has, without reading more of them than that takes. */
export async function countRows(base: ExportBase, { sql, parameters }: Selection): Promise<number> {
  const answer = await runQuery({ ...base, sql: `SELECT count(*) FROM (${sql}) AS chosen`, parameters });
  let count = 0;
  for await (const batch of answer) count += Number(batch[0]?.[0] ?? 0);
  return count;
}
