/**
 * Rows of Tailpipe's tables, Parquet with nested columns: `raw` is the row as JSON, rebuilt, with the columns that hold JSON
 * as they stand. https://tailpipe.io/docs/collect/configure
 */

import type { RecordSink, Splitter } from '../contract.ts';
import { ColumnCursor } from './parquet-column.ts';
import { type ParquetGroup, type ParquetTree, readTree } from './parquet-footer.ts';
import { type Budget, brokenRow, brokenTo, budgetOf, messageOf, wholeBody } from './parquet-rows.ts';
import { type ParquetCell, rowOf } from './parquet-tree.ts';
import { isObject, type JsonObject, parseJson } from './value.ts';

/** Columns that Tailpipe adds to every table; these two are in all of its files, in every layout. */
const ADDED = ['tp_id', 'tp_ingest_timestamp'];

/** `columns`: names of which a table of this kind has at least one. */
export function tailpipeRows(sink: RecordSink, columns: readonly string[]): Splitter {
  const broken = brokenTo(sink);

  const readBody = (body: Buffer): void => {
    const whole = `bytes=0-${body.length}`;
    let tree: ParquetTree;
    try {
      tree = readTree(body);
    } catch (error) {
      broken(whole, 'invalid_parquet', messageOf(error));
      return;
    }
    const names = tree.root.members.map(({ name }) => name);
    if (!columns.some((name) => names.includes(name))) {
      broken(whole, 'invalid_parquet', `none of its columns is one of ${columns.join(', ')}`);
      return;
    }
    const budget = budgetOf(body);
    let row = 0;
    for (const group of tree.groups) {
      readGroup(body, tree, group, row, budget);
      if (budget.spent) return;
      row += group.rows;
    }
  };

  const readGroup = (
    body: Buffer,
    { root, columns: leaves }: ParquetTree,
    group: ParquetGroup,
    from: number,
    budget: Budget,
  ): void => {
    const cursors = leaves.map(
      (column, index) => new ColumnCursor(body, column, group.chunks[index]!, group.rows, budget),
    );
    for (let row = from; row < from + group.rows; row++) {
      try {
        const cells = rowOf(
          root,
          cursors.map((cursor) => cursor.nextRow()),
        );
        const value = opened(cells) as JsonObject;
        const raw = textOf(cells);
        budget.take(raw.length);
        sink.record({ raw, bytes: null, value, locator: `row=${row};rebuilt` });
      } catch (error) {
        brokenRow(broken, row, budget, error);
        return;
      }
    }
  };

  return wholeBody(broken, readBody);
}

/** JSON that stands in a text column; null for any other text. */
function jsonIn(cell: ParquetCell): object | null {
  if (typeof cell !== 'string' || !/^[{[]/.test(cell)) return null;
  const value = parseJson(cell);
  return typeof value === 'object' ? value : null;
}

/** With texts that hold JSON parsed, and integers beyond 2^53 as text. */
function opened(cell: ParquetCell): unknown {
  if (typeof cell === 'bigint') return String(cell);
  if (typeof cell !== 'object' || cell === null) return jsonIn(cell) ?? cell;
  if (Array.isArray(cell)) return cell.map(opened);
  return Object.fromEntries(Object.entries(cell).map(([name, member]) => [name, opened(member)]));
}

/** As JSON; what is JSON already stays as it was written, and 64-bit integers keep all their digits. */
function textOf(cell: ParquetCell): string {
  if (cell === null || typeof cell === 'boolean' || typeof cell === 'bigint') return String(cell);
  if (typeof cell !== 'object') return jsonIn(cell) === null ? JSON.stringify(cell) : String(cell);
  if (Array.isArray(cell)) return `[${cell.map(textOf).join(',')}]`;
  const members = Object.entries(cell).map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`);
  return `{${members.join(',')}}`;
}

/** `event_time` → `eventTime`, in all members and those of structures; lists and JSON columns stay as they are. */
export function camelCased(row: JsonObject, names: Readonly<Record<string, string>> = {}): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (name.startsWith('tp_') || value === null || value === '') continue;
    result[names[name] ?? camelCase(name)] = value;
  }
  return result;
}

/** The same for a structure and the structures in it. */
export function camelCasedDeep(value: unknown, names: Readonly<Record<string, string>> = {}): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(camelCased(value, names)).map(([name, member]) => [name, camelCasedDeep(member, names)]),
  );
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Whether a sample is a file of this table: by its place, `tp_table=<table>/…` and, since 0.7, `<schema>/<table>/…/ducklake-
 * <uuid>.parquet`; or, where the sample is the whole file, by columns that only it has.
 */
export function isTailpipeTable(
  { path, text, complete }: { readonly path: string; readonly text: string; readonly complete: boolean },
  table: string,
  columns: readonly string[],
): boolean {
  if (!text.startsWith('PAR1')) return false;
  const base = path.slice(path.lastIndexOf('/') + 1);
  if (/-delete\.parquet$/.test(base)) return false;
  const folders = path.split('/').slice(0, -1);
  if (folders.includes(`tp_table=${table}`)) return true;
  if (folders.includes(table) && /^ducklake-/.test(base)) return true;
  return complete && [...ADDED, ...columns].every((name) => text.includes(name));
}

/** The table that a path of Tailpipe's names, whichever it is. */
export const isTailpipePath = (key: string, table: string): boolean =>
  key.endsWith('.parquet') && key.split('/').some((part) => part === table || part === `tp_table=${table}`);
