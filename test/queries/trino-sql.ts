/** A saved question over its case rows as one statement that Trino runs without any table. */

import { quoteName, quoteText } from '../../engine/sql-text.ts';
import type { CaseRow, CaseRows } from '../../queries/cases.ts';
import type { Question } from '../../queries/question.ts';
import { type ColumnType, TABLES, type TableName } from '../../schema/columns.ts';
import { caseRows } from './case-rows.ts';

const TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  json: 'varchar',
  time: 'timestamp(6) with time zone',
  int: 'integer',
  long: 'bigint',
  bool: 'boolean',
  strings: 'array(varchar)',
};

/** The tables become WITH names before those of the question, and parameters become literals. */
export function trinoStatement(
  { sql, tables }: Question,
  parameters: Readonly<Record<string, string | number | Date>>,
  parts: Readonly<Record<string, CaseRows | undefined>>,
): string {
  const rows = caseRows(parts);
  const relations = tables.map((table) => {
    const selects = [{}, ...(rows.get(table as TableName) ?? [])].map((row) =>
      selectRow(table as TableName, row),
    );
    // The first one only says the types.
    return `${table} AS (${selects[0]} WHERE false UNION ALL ${selects.slice(1).join(' UNION ALL ') || `${selects[0]} WHERE false`})`;
  });
  const text = sql.replace(/\$(\w+)/g, (_, name: string) => literal(parameters[name]!));
  const own = /^with\s/i.test(text) ? `, ${text.slice(5)}` : `\n${text}`;
  return `WITH ${relations.join(', ')}${own}`;
}

export function selectRow(table: TableName, row: CaseRow): string {
  const cells = TABLES[table].map(
    ({ name, type }) => `${cell(row[name] ?? null, type)} AS ${quoteName(name)}`,
  );
  return `SELECT ${cells.join(', ')}`;
}

function cell(value: CaseRow[string], type: ColumnType): string {
  if (value === null || value === undefined) return `CAST(NULL AS ${TYPES[type]})`;
  if (typeof value === 'object') return `CAST(ARRAY[${value.map(quoteText).join(', ')}] AS ${TYPES[type]})`;
  const text = quoteText(String(value));
  return `CAST(${type === 'time' ? `from_iso8601_timestamp(${text})` : text} AS ${TYPES[type]})`;
}

function literal(value: string | number | Date): string {
  if (typeof value === 'number') return `BIGINT '${value}'`;
  if (typeof value === 'string') return `CAST(${quoteText(value)} AS varchar)`;
  return `TIMESTAMP '${value.toISOString().slice(0, 19).replace('T', ' ')} UTC'`;
}

/** A cell of either engine in a form that can be compared: numbers without trailing zeros, times as instants. */
export function comparable(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.map(String).join(', ')}]` : String(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return String(Number(text));
  const time = /^(\d{4}-\d\d-\d\d)[T ]([\d:.]+)(?:Z| UTC)$/.exec(text);
  return time === null ? text.replaceAll('\n', '\\n') : new Date(`${time[1]}T${time[2]}Z`).toISOString();
}
