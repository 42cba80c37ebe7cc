/**
 * Which rows of overlapping files are copies to leave out, and which events have copies that disagree.
 *
 * Settled before the query, into two small tables beside the views, one share of the identities after the other: then
 * memory depends on the share and not on how many copies the lake holds.
 */

import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableName } from '../../schema/columns.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { quoteText } from '../sql-text.ts';
import { columnExpressions, readParquet, type StoredColumns } from './relation.ts';

/** Texts in which copies of an event must agree. Letter case does not count, and null agrees with anything. */
export const SUBSTANCE = [
  'operation',
  'account',
  'actor_id',
  'src_ip',
  'status',
  'error_code',
  'target_id',
] as const;

/** What is read to tell copies apart. */
export const COPY_COLUMNS: readonly string[] = [
  'identity',
  'source',
  'uid',
  'time',
  ...SUBSTANCE,
  'evidence',
  'locator',
];

const DAY_MICROS = 86_400_000_000;

/** Sources round the same instant differently, by less than this many microseconds. */
const SAME_INSTANT_MICROS = 1_000_000;

/** What settling one row takes at its peak, measured at 600 to 900 bytes with long identities. */
const BYTES_PER_ROW = 1_200;

/** Flow identities are made from content, so their copies cannot disagree and have no `conflict` column. */
export type Deduplicated = Extract<TableName, 'events' | 'flows'>;

/** Tables of our own; the gate lets no query name them. */
export const hiddenTable = (table: Deduplicated): string => `akashi_hidden_${table}`;
export const conflictTable = (table: Deduplicated): string => `akashi_conflicts_${table}`;
const fileType = (table: Deduplicated): string => `akashi_file_${table}`;

export type Expressions = ReturnType<typeof columnExpressions>;

/**
 * What copies of an event share: the identity, or where none is stored their source and uid; and the UTC day, so that
 * what is shown of a day depends on that day's files alone. Null, and so no copy of anything, when the uid is missing too.
 */
export const identityOf = (column: Expressions): string =>
  `coalesce(${column.get('identity')}, ${column.get('source')} || '/' || ${column.get('uid')}) || ` +
  `coalesce(' ' || (epoch_us(${column.get('time')}) // ${DAY_MICROS}), '')`;

/** The file of a row as a small number; a name that is not on the list gives null, and its row is never left out. */
export const fileOf = (table: Deduplicated, from = ''): string =>
  `TRY_CAST(${from}filename AS ${fileType(table)})`;

/** Statements that make the two tables, empty. */
export function createCopyTables(table: Deduplicated, files: readonly SnapshotFile[]): readonly string[] {
  const paths = [...new Set(files.map(({ path }) => path))];
  return [
    `CREATE TYPE ${fileType(table)} AS ENUM (${paths.map(quoteText).join(', ')})`,
    `CREATE TABLE ${hiddenTable(table)} (file ${fileType(table)}, row BIGINT)`,
    `CREATE TABLE ${conflictTable(table)} (identity VARCHAR)`,
  ];
}

/**
 * Statements that fill them.
 *
 * @param sourceRank Sources from best to worst; one not listed comes last. Between copies of equal rank the one that
 *   says more of the substance is best (so that a copy with blanks cannot stand in for a full one), then the one whose
 *   raw text is exact, then the smaller evidence hash, then the smaller locator: the same choice in any order of arrival.
 * @param memoryBytes What they may take.
 */
export function fillCopyTables(
  table: Deduplicated,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
  sourceRank: readonly string[],
  memoryBytes: number,
): readonly string[] {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const shares = Math.max(1, Math.ceil((rows * BYTES_PER_ROW) / memoryBytes));
  const column = columnExpressions(table, stored);
  const from = readParquet(table, files);
  const same = identityOf(column);
  const substance = table === 'events' ? SUBSTANCE : [];
  const kept = [
    `epoch_us(${column.get('time')}) AS time`,
    ...substance.map((name) => `lower(${column.get(name)}) AS ${name}`),
  ];
  return Array.from({ length: shares }, (_, share) => {
    const inShare = `hash(${same}) % ${shares} = ${share}`;
    return [
      `CREATE OR REPLACE TABLE akashi_copies AS
        SELECT ${same} AS identity, ${fileOf(table)} AS file, file_row_number AS row,
          ${placeAmongCopies(column, sourceRank, substance)} AS place,
          ${kept.join(', ')}
        FROM ${from}
        WHERE ${inShare} AND hash(${same}) IN
          (SELECT hash(${same}) FROM ${from} WHERE ${inShare} GROUP BY ALL HAVING count(*) > 1)`,
      `CREATE OR REPLACE TABLE akashi_verdicts AS
        SELECT identity, ${conflict(substance)} AS conflict,
          arg_min({'file': file, 'row': row}, {'place': place, 'file': file, 'row': row}) AS best
        FROM akashi_copies WHERE identity IS NOT NULL GROUP BY identity HAVING count(*) > 1`,
      `INSERT INTO ${conflictTable(table)} SELECT identity FROM akashi_verdicts WHERE conflict`,
      `INSERT INTO ${hiddenTable(table)}
        SELECT file, row FROM akashi_copies JOIN akashi_verdicts USING (identity)
        WHERE NOT conflict AND (file, row) <> (best.file, best.row)`,
    ];
  })
    .flat()
    .concat('DROP TABLE akashi_copies', 'DROP TABLE akashi_verdicts');
}

/** Whether two values of one column disagree; null agrees with anything, and so the aggregates pass over it. */
function conflict(substance: readonly string[]): string {
  if (substance.length === 0) return 'false';
  return [
    `max(time) - min(time) >= ${SAME_INSTANT_MICROS}`,
    ...substance.map((name) => `min(${name}) <> max(${name})`),
  ]
    .map((difference) => `coalesce(${difference}, false)`)
    .join(' OR ');
}

/** A text by which copies sort from best to worst. */
function placeAmongCopies(
  column: Expressions,
  sourceRank: readonly string[],
  substance: readonly (typeof SUBSTANCE)[number][],
): string {
  const locator = column.get('locator')!;
  const blanks = substance.map((name) => `(${column.get(name)} IS NULL)::INTEGER`).join(' + ') || '0';
  return `concat_ws(' ', ${[
    `lpad((${rankExpression(column.get('source')!, sourceRank)})::VARCHAR, 4, '0')`,
    `(${blanks})::VARCHAR`,
    // The record's own bytes before a decoded copy, a decoded one before a rebuilt one.
    `CASE WHEN ${locator} LIKE '%;rebuilt' THEN 'c' WHEN ${locator} LIKE '%;%' THEN 'b' ELSE 'a' END`,
    column.get('evidence'),
    locator,
  ].join(', ')})`;
}

function rankExpression(source: string, sourceRank: readonly string[]): string {
  if (sourceRank.length === 0) return '0';
  const cases = sourceRank.map((name, rank) => `WHEN ${quoteText(name)} THEN ${rank}`);
  return `CASE ${source} ${cases.join(' ')} ELSE ${sourceRank.length} END`;
}

/** Rows as a `FROM` clause, whose rows are `copy`, and an expression for each column. */
export interface Part {
  readonly from: string;
  readonly expressions: ReadonlyMap<string, string>;
}

/**
 * The rows of files in two parts, by the same rule: those that are shown, conflicts marked, and the copies of them that
 * are left out. Fills the tables on the way.
 */
export async function settledParts(
  connection: DuckDBConnection,
  table: Deduplicated,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
  memoryBytes: number,
): Promise<{ readonly shown: Part; readonly copies: Part }> {
  for (const sql of createCopyTables(table, files)) await connection.run(sql);
  for (const sql of fillCopyTables(table, files, stored, [], memoryBytes)) await connection.run(sql);
  const expressions = columnExpressions(table, stored, 'copy.');
  const shown = new Map(expressions);
  let marks = '';
  if (table === 'events') {
    shown.set(
      'conflict',
      `CASE WHEN conflicts.identity IS NOT NULL THEN true ELSE ${expressions.get('conflict')} END`,
    );
    marks = ` LEFT JOIN ${conflictTable(table)} AS conflicts ON ${identityOf(expressions)} = conflicts.identity`;
  }
  const hidden = `${hiddenTable(table)} AS hidden
    ON ${fileOf(table, 'copy.')} = hidden.file AND copy.file_row_number = hidden.row`;
  const from = `${readParquet(table, files)} AS copy`;
  return {
    shown: { from: `${from}${marks} ANTI JOIN ${hidden}`, expressions: shown },
    copies: { from: `${from} SEMI JOIN ${hidden}`, expressions },
  };
}
