/** One data file: rows of a table and day encoded, with all that is kept beside them. */

import { createHash } from 'node:crypto';
import { TABLES, type TableName } from '../schema/columns.ts';
import { fieldIdOf } from '../tables/iceberg/field-ids.ts';
import { encodePrints } from '../tables/identity-prints.ts';
import { needleColumns } from '../tables/needle/columns.ts';
import { encodePart, type FilePart } from '../tables/needle/pack.ts';
import type { Effort } from '../tables/parquet/chunk-writer.ts';
import { type ParquetFile, RowBuffer } from '../tables/parquet/row-buffer.ts';
import { SORT_ORDERS } from '../tables/sort-orders.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import { type DataFile, makeKey } from '../vault/keys.ts';
import type { WriteItem } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';

/** Rows with no time, and rows of tables that have none. */
export const UNDATED = 'undated';
const DAY_MICROS = 86_400e6;

/** `2023-07-10` of a time in microseconds. */
export function dayName(time: number | null): string {
  if (time === null) return UNDATED;
  const day = new Date(Math.floor(time / DAY_MICROS) * (DAY_MICROS / 1000)).toISOString().slice(0, 10);
  return /^\d{4}-/.test(day) ? day : UNDATED;
}

/** Key of a data file's identity fingerprints in the state store. */
export function printsKey(dataKey: string): string {
  const [, table, , ...rest] = dataKey.split('/');
  return makeKey('index', { table: table!, name: `${rest.join('/')}.identities` });
}

/** Columns in which a responder looks for one value among millions, and whose values come back again and again. */
const NEEDLE_COLUMNS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  events: ['src_ip', 'dst_ip', 'actor_id', 'actor_credential', 'target_id'],
  flows: ['src_ip', 'dst_ip', 'pkt_src_ip', 'pkt_dst_ip'],
};

/** At most. The needle index points at row groups, and a hit reads one of them: that is what a small one spares. */
const ROW_GROUP_ROWS: Readonly<Partial<Record<TableName, number>>> = { events: 16_384, flows: 65_536 };
const DEFAULT_ROW_GROUP_ROWS = 122_880;

/** Gathers rows of a table for a file; `small` for one that stays, whose bytes are worth more work. */
export const rowBuffer = (table: TableName, effort: Effort = 'fast'): RowBuffer =>
  new RowBuffer(TABLES[table], {
    fieldId: fieldIdOf(table),
    needleColumns: needleColumns(table),
    bloomColumns: NEEDLE_COLUMNS[table] ?? [],
    bloomDictionariesOnly: true,
    evenGroups: true,
    rowGroupRows: ROW_GROUP_ROWS[table] ?? DEFAULT_ROW_GROUP_ROWS,
    effort,
  });

export interface EncodedFile {
  readonly entry: DataFileEntry;
  /** What makes it durable. */
  readonly vault: readonly WriteItem[];
  readonly state: readonly WriteItem[];
  /** Its part of the needle index; null for tables that have none. */
  readonly needles: FilePart | null;
  readonly bytes: number;
}

/**
 * Makes a file of what is gathered, and empties the buffer; null when there is nothing. `prints` are the fingerprints of
 * its rows' identities, none for tables that have none. `compacted` files are locked once they are stored.
 */
export function encodeDataFile(
  name: DataFile & { readonly table: TableName },
  rows: RowBuffer,
  prints: readonly number[],
  { compacted = false, copies = false }: { readonly compacted?: boolean; readonly copies?: boolean } = {},
): EncodedFile | null {
  const { table, day } = name;
  const file = rows.finish({ sortBy: SORT_ORDERS[table], keyValue: { 'akashi.table': table } });
  if (file === null) return null;
  const key = makeKey(compacted ? 'compacted' : 'data', name);
  const beside = makeKey(compacted ? 'compactedRanges' : 'ranges', name);
  const ranges = sidecarOf(file);
  const time = file.columns['time'];
  return {
    entry: {
      key,
      day,
      rows: file.rows,
      bytes: file.bytes.length,
      sha256: sha256(file.bytes),
      ranges: sha256(ranges),
      minTime: typeof time?.min === 'number' ? time.min : null,
      maxTime: typeof time?.max === 'number' ? time.max : null,
      ...(copies ? { copies } : {}),
    },
    vault: [
      { key, body: file.bytes, kind: compacted ? WRITE_KINDS.compacted : WRITE_KINDS.data },
      { key: beside, body: ranges, kind: compacted ? WRITE_KINDS.compactedRanges : WRITE_KINDS.ranges },
    ],
    state:
      prints.length === 0
        ? []
        : [{ key: printsKey(key), body: encodePrints(prints), kind: WRITE_KINDS.index }],
    needles:
      needleColumns(table).size === 0 ? null : encodePart(file.rowGroups.map(({ prints: own }) => own)),
    bytes: file.bytes.length,
  };
}

/** Hashes by which a reader of parts of the file checks just those parts: column chunks and bloom filters. */
export function sidecarOf(file: ParquetFile): Uint8Array {
  const rowGroups = file.rowGroups.map(({ rows, chunks }) => ({
    rows,
    chunks: chunks.map(({ column, offset, length, sha256, bloom }) => [
      column,
      offset,
      length,
      sha256,
      ...(bloom === undefined ? [] : [[bloom.offset, bloom.length, bloom.sha256]]),
    ]),
  }));
  return Buffer.from(
    `${JSON.stringify({ format: 1, size: file.bytes.length, footer: file.footer, rowGroups })}\n`,
  );
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
