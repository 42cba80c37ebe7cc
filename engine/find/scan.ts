/** Rows of one data file in which a value stands, with the columns that name it. */

import { type Column, TABLES } from '../../schema/columns.ts';
import { type DataChunks, type Meter, openChunks } from '../../tables/data-chunks.ts';
import { NEEDLE_KINDS, type NeedleTable, needleColumns } from '../../tables/needle/columns.ts';
import { isList } from '../../tables/needle/file-part.ts';
import type { MayHold } from '../../tables/needle/lookup.ts';
import { numbersAt } from '../../tables/parquet/read/numbers.ts';
import { rowsWith, type TextTest, textsAt } from '../../tables/parquet/read/texts.ts';
import type { DataFileEntry } from '../../tables/table-metadata.ts';
import type { VaultStore } from '../../vault/store.ts';
import type { Needle } from './needle.ts';

export type Value = string | number | boolean | readonly string[] | null;

export interface Found {
  readonly table: NeedleTable;
  readonly file: DataFileEntry;
  /** Columns in which it stands, in the catalogue's order. */
  readonly matched: readonly string[];
  readonly values: Readonly<Record<string, Value>>;
}

export interface FileScan {
  readonly table: NeedleTable;
  readonly file: DataFileEntry;
  /** Row groups and kinds of columns to look at; null for all of them. */
  readonly places: MayHold | null;
}

export interface ScanOptions {
  readonly needle: Needle;
  /** Whether original texts are searched too. */
  readonly anywhere: boolean;
  /** Columns to give with each row, beside `time`. */
  readonly columns: readonly string[];
  /** Microseconds, `until` exclusive; a row without a time is outside of any. */
  readonly since: number | null;
  readonly until: number | null;
  readonly meter: Meter;
}

/** Throws DATA_ALTERED for bytes that are not those that were sealed. */
export async function scanFile(vault: VaultStore, scan: FileScan, options: ScanOptions): Promise<Found[]> {
  const chunks = await openChunks(vault, scan.file, options.meter);
  const found: Found[] = [];
  const groups = options.anywhere || scan.places === null ? chunks.rowGroups.keys() : scan.places.keys();
  for (const group of groups) found.push(...(await scanGroup(chunks, group, scan, options)));
  return found;
}

async function scanGroup(
  chunks: DataChunks,
  group: number,
  { table, file, places }: FileScan,
  options: ScanOptions,
): Promise<Found[]> {
  const { needle, anywhere } = options;
  const kinds = places === null ? (1 << NEEDLE_KINDS.length) - 1 : (places.get(group) ?? 0);
  let sought = [...needleColumns(table)]
    .filter(([column, kind]) => (kinds & (1 << kind)) !== 0 && needle.covers(column))
    .map(([column]) => column);
  if (needle.bounds !== null) {
    const { from, to } = needle.bounds;
    sought = await chunks.between(group, sought, from, to);
  }
  if (anywhere) sought.push('raw');
  const read = await chunks.read(group, sought);
  const matched = new Map<number, string[]>();
  const rawTest = textTest(needle.spellings);
  for (const { name } of TABLES[table]) {
    const chunk = read.get(name);
    if (chunk === undefined) continue;
    const test = name === 'raw' ? rawTest : needle.test;
    for (const row of rowsWith(chunk, isList(table, name), test)) {
      const columns = matched.get(row);
      if (columns === undefined) matched.set(row, [name]);
      else columns.push(name);
    }
  }
  if (matched.size === 0) return [];
  const rows = [...matched.keys()].sort((a, b) => a - b);
  const given = TABLES[table].filter(({ name }) => name === 'time' || options.columns.includes(name));
  const more = await chunks.read(
    group,
    given.map(({ name }) => name).filter((name) => !read.has(name)),
  );
  const columns = given.map((column) => {
    const chunk = read.get(column.name) ?? more.get(column.name);
    return [column.name, chunk === undefined ? null : valuesAt(column, chunk, rows)] as const;
  });
  const found: Found[] = [];
  for (const [at, row] of rows.entries()) {
    const values = Object.fromEntries(columns.map(([name, own]) => [name, own?.[at] ?? null]));
    if (!inTime(values['time'] as number | null, options)) continue;
    found.push({ table, file, matched: matched.get(row)!, values });
  }
  return found;
}

function inTime(time: number | null, { since, until }: ScanOptions): boolean {
  if (since === null && until === null) return true;
  return time !== null && time >= (since ?? -Infinity) && time < (until ?? Infinity);
}

function valuesAt({ type }: Column, chunk: Buffer, rows: readonly number[]): readonly Value[] {
  switch (type) {
    case 'string':
    case 'json':
      return textsAt(chunk, false, rows);
    case 'strings':
      return textsAt(chunk, true, rows);
    case 'time':
    case 'long':
    case 'int':
    case 'bool':
      return numbersAt(chunk, type, rows);
    default:
      return type satisfies never;
  }
}

/** Whether one of the spellings stands anywhere in a text. */
function textTest(spellings: readonly string[]): TextTest {
  const sought = spellings.map((spelling) => Buffer.from(spelling));
  return (body, start, end) => {
    const text = body.subarray(start, end);
    return sought.some((bytes) => text.includes(bytes));
  };
}
