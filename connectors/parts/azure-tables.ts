/**
 * Answers of the Log Analytics query API: `{"tables":[{"name","columns":[{"name","type"}],"rows":[[…]]}]}`.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/api/response-format
 */

import type { RecordSink, SourceRecord } from '../contract.ts';
import { Fields } from './azure-fields.ts';
import { within } from './azure-locator.ts';
import { BROKEN_RAW_BYTES } from './limits.ts';
import { isObject, type JsonObject } from './value.ts';

/** Whether the value is a query answer. */
export function isQueryAnswer(value: unknown): boolean {
  return isObject(value) && Array.isArray(value['tables']);
}

/** The n-th row of a table as column → value; null when there is none, or its cells do not fit the columns. */
export function tableRow(table: unknown, n: number): JsonObject | null {
  const fields = new Fields(table);
  return rowObject(columnNames(fields), fields.list('rows')[n]);
}

/** Hands over each row of each table as a record of its own, rebuilt as an object of column → value. */
export function expandTables(record: SourceRecord, sink: RecordSink): void {
  const tables = new Fields(record.value).list('tables');
  if (tables.length === 0) sink.skipped('empty_answer');
  tables.forEach((table, tableIndex) => {
    const fields = new Fields(table);
    const columns = columnNames(fields);
    const rows = fields.list('rows');
    if (rows.length === 0) sink.skipped('empty_table');
    rows.forEach((row, rowIndex) => {
      const pointer = `/tables/${tableIndex}/rows/${rowIndex}`;
      const value = rowObject(columns, row);
      if (value === null) {
        sink.broken({
          locator: within(record.locator, pointer),
          code: 'invalid_field',
          path: pointer,
          problem: `a row must be an array of ${columns.length} cells, as many as there are columns`,
          raw: rebuilt(row)?.slice(0, BROKEN_RAW_BYTES) ?? '',
        });
        return;
      }
      emitRebuilt(value, record.locator, pointer, sink);
    });
  });
}

/** Hands over a value inside a record as a record of its own; its text is written anew. */
export function emitRebuilt(value: unknown, outer: string, pointer: string, sink: RecordSink): void {
  const raw = rebuilt(value);
  const locator = within(outer, pointer, true);
  if (raw === null) {
    const problem = 'the record is nested too deeply to be written as text';
    sink.broken({ locator, code: 'invalid_field', path: pointer, problem, raw: '' });
  } else {
    sink.record({ raw, bytes: null, value, locator });
  }
}

function columnNames(table: Fields): (string | null)[] {
  return table.list('columns').map((column) => new Fields(column).text('name', 'ColumnName'));
}

function rowObject(columns: readonly (string | null)[], row: unknown): JsonObject | null {
  if (!Array.isArray(row) || row.length !== columns.length) return null;
  const value: Record<string, unknown> = Object.create(null);
  columns.forEach((name, index) => {
    if (name !== null) value[name] = row[index];
  });
  return value;
}

function rebuilt(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}
