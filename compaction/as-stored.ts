/** Rows of a merge that is one piece and settles nothing: read from the files' columns as they stand, without an engine. */

import { type FileHandle, open } from 'node:fs/promises';
import { type Column, TABLES } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { PHYSICAL, type Physical } from '../tables/parquet/format.ts';
import { numbersAt } from '../tables/parquet/read/numbers.ts';
import { textBytes, textsAt } from '../tables/parquet/read/texts.ts';
import {
  FOOTER_TAIL,
  footerLength,
  readFooter,
  type StoredFooter,
  type StoredGroup,
} from '../tables/parquet/stored-footer.ts';
import type { MergeInput, MergeJob, TakeRows } from './merge.ts';

const TYPES: Readonly<Record<Column['type'], Physical>> = {
  string: PHYSICAL.BYTE_ARRAY,
  json: PHYSICAL.BYTE_ARRAY,
  strings: PHYSICAL.BYTE_ARRAY,
  time: PHYSICAL.INT64,
  long: PHYSICAL.INT64,
  int: PHYSICAL.INT32,
  bool: PHYSICAL.BOOLEAN,
};

/**
 * Hands over every row, shown ones as one piece and copies as another; false, and nothing handed over, for a job that
 * needs more than that: copies to be settled, rows to be left out, more than one piece, or columns of other types than
 * the catalogue's. Throws DATA_ALTERED, COMPACT_FAILED.
 */
export async function mergedAsStored(job: MergeJob, rowsPerPiece: number, take: TakeRows): Promise<boolean> {
  const { table, inputs, settle, without = [] } = job;
  if (settle || without.length > 0) return false;
  const parts = [false, true].map((copies) => inputs.filter((input) => input.copies === copies));
  if (parts.some((part) => rowsOf(part) > 1.5 * rowsPerPiece)) return false;
  const columns: readonly Column[] = TABLES[table];
  const footers = new Map<MergeInput, StoredFooter>();
  for (const input of inputs) {
    const footer = await withFile(input, readFooterOf);
    if (!footer.groups.every((group) => isOfCatalogue(group, columns))) return false;
    footers.set(input, footer);
  }
  for (const [copies, part] of parts.entries()) {
    if (part.length === 0) continue;
    for (const input of part) {
      await withFile(input, async (handle) => {
        for (const group of footers.get(input)!.groups)
          await readGroup(handle, group, columns, (row, raw) => take.row(row, copies === 1, raw));
      });
    }
    await take.piece();
  }
  const read = [...footers.values()].reduce((sum, { rows }) => sum + rows, 0);
  if (read === rowsOf(inputs)) return true;
  throw new AkashiError(
    'COMPACT_FAILED',
    `${rowsOf(inputs)} rows of ${table} were to be merged and ${read} came out. Nothing was replaced. Run \`akashi verify --deep\`.`,
  );
}

const rowsOf = (inputs: readonly MergeInput[]): number => inputs.reduce((sum, { rows }) => sum + rows, 0);

async function withFile<T>({ path }: MergeInput, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function readFooterOf(handle: FileHandle): Promise<StoredFooter> {
  const { size } = await handle.stat();
  const length = footerLength(await bytesAt(handle, Math.max(0, size - FOOTER_TAIL), FOOTER_TAIL));
  try {
    if (length !== null && length <= size) return readFooter(await bytesAt(handle, size - length, length));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
  }
  throw new AkashiError('DATA_ALTERED', 'a data file has no readable footer. Run `akashi verify --deep`.');
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** Whether all its columns are ones that this version knows, as it knows them; what it lacks is null. */
function isOfCatalogue({ chunks }: StoredGroup, columns: readonly Column[]): boolean {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return chunks.every(({ column, type, flat }) => {
    const wanted = types.get(column);
    return wanted !== undefined && TYPES[wanted] === type && flat === (wanted !== 'strings');
  });
}

async function readGroup(
  handle: FileHandle,
  { rows, chunks }: StoredGroup,
  columns: readonly Column[],
  take: (row: Readonly<Record<string, unknown>>, raw: Uint8Array | null) => Promise<void> | void,
): Promise<void> {
  const all = Array.from({ length: rows }, (_, at) => at);
  const row: Record<string, unknown> = Object.fromEntries(columns.map(({ name }) => [name, null]));
  const held: { readonly name: string; readonly values: readonly unknown[] }[] = [];
  let raw: readonly (Uint8Array | null)[] | null = null;
  for (const { name, type } of columns) {
    const chunk = chunks.find(({ column }) => column === name);
    // A column of nulls stays what the row holds already.
    if (chunk === undefined || (chunk.flat && chunk.nulls === chunk.values)) continue;
    const bytes = await bytesAt(handle, chunk.offset, chunk.length);
    if (name === 'raw') raw = textBytes(bytes, rows);
    else if (type === 'string' || type === 'json' || type === 'strings')
      held.push({ name, values: textsAt(bytes, type === 'strings', all) });
    else held.push({ name, values: numbersAt(bytes, type, all) });
  }
  for (let at = 0; at < rows; at++) {
    for (const { name, values } of held) row[name] = values[at];
    const pending = take(row, raw?.[at] ?? null);
    if (pending !== undefined) await pending;
  }
}
