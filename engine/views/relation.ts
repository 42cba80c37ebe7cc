/** The rows of one stored table, with exactly the catalogue's columns, whatever its files hold. */

import { type ColumnType, TABLES, type TableName } from '../../schema/columns.ts';
import { fieldIdOf } from '../../tables/iceberg/field-ids.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { quoteName, quoteText } from '../sql-text.ts';

/** DuckDB types of the catalogue's columns. JSON stays text, so that filters reach the Parquet reader unchanged. */
export const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  json: 'VARCHAR',
  time: 'TIMESTAMP WITH TIME ZONE',
  int: 'INTEGER',
  long: 'BIGINT',
  bool: 'BOOLEAN',
  strings: 'VARCHAR[]',
};

/** Column names and DuckDB types a set of Parquet files holds together. */
export type StoredColumns = ReadonlyMap<string, string>;

/** A `read_parquet` over files that may have been written by older or newer versions. */
export function readParquet(table: TableName, files: readonly SnapshotFile[]): string {
  const paths = files.map(({ path }) => quoteText(literalPath(path)));
  // By field ids the columns are known beforehand; by name every file would be opened first to learn them.
  const columns = byFieldId(files) ? `schema = MAP {${fieldSchema(table)}}` : 'union_by_name = true';
  return `read_parquet([${paths.join(', ')}], ${columns})`;
}

/** Whether the columns of all these files can be found by their field ids. */
export const byFieldId = (files: readonly SnapshotFile[]): boolean =>
  files.length > 0 && files.every(({ fieldIds }) => fieldIds === true);

/** Every column of the catalogue, null where a file does not hold it. */
function fieldSchema(table: TableName): string {
  const idOf = fieldIdOf(table);
  return TABLES[table]
    .map(
      ({ name, type }) =>
        `${idOf(name)}: {name: ${quoteText(name)}, type: ${quoteText(DUCKDB_TYPES[type])}, default_value: NULL}`,
    )
    .join(', ');
}

/** What files found by field ids hold: the catalogue's columns. */
export const catalogueColumns = (table: TableName): StoredColumns =>
  new Map(TABLES[table].map(({ name, type }) => [name, DUCKDB_TYPES[type]]));

/** DuckDB expands patterns in file names; brackets make each special character stand for itself. */
export const literalPath = (path: string): string => path.replace(/[*?[]/g, (special) => `[${special}]`);

/**
 * One `SELECT` expression per catalogue column. A column that is stored with the catalogue's type stays bare, because
 * a cast would keep filters from reaching row-group statistics.
 */
export function columnExpressions(
  table: TableName,
  stored: StoredColumns,
  from = '',
): ReadonlyMap<string, string> {
  const expressions = new Map<string, string>();
  for (const { name, type } of TABLES[table]) {
    const wanted = DUCKDB_TYPES[type];
    const found = stored.get(name);
    const reference = from + quoteName(name);
    if (found === undefined) expressions.set(name, `CAST(NULL AS ${wanted})`);
    else expressions.set(name, found === wanted ? reference : `CAST(${reference} AS ${wanted})`);
  }
  return expressions;
}

/** `expression AS "name", …` */
export const selectList = (expressions: ReadonlyMap<string, string>): string =>
  [...expressions].map(([name, expression]) => `${expression} AS ${quoteName(name)}`).join(', ');

/** The table's columns without a row. */
export const emptyRelation = (table: TableName): string =>
  `SELECT ${selectList(columnExpressions(table, new Map()))} WHERE false`;

/** Every stored row of `files`, copies included. */
export function storedRelation(
  table: TableName,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
): string {
  if (files.length === 0) return emptyRelation(table);
  return `SELECT ${selectList(columnExpressions(table, stored))} FROM ${readParquet(table, files)}`;
}
