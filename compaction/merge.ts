/**
 * MERGE: the rows of data files in the order of their table, copies of events settled, as fewer and larger files.
 *
 * What needs no more than reading is read column by column. Else DuckDB reads and joins, and our own encoder sorts and writes, one piece of the day after the other: memory is that of a
 * piece, however large the day. (Tried: DuckDB's own sort took three times its limit, or gave up.)
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, DuckDBListValue, type DuckDBValue } from '@duckdb/node-api';
import { INSTANCE_OPTIONS } from '../engine/sandbox/prepare.ts';
import type { SnapshotFile } from '../engine/snapshot.ts';
import { quoteName, quoteText } from '../engine/sql-text.ts';
import { type Deduplicated, type Part, settledParts } from '../engine/views/copies.ts';
import { columnExpressions, readParquet, type StoredColumns } from '../engine/views/relation.ts';
import { type Column, TABLES, type TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { mergedAsStored } from './as-stored.ts';
import { slicesOf } from './slices.ts';

export interface MergeInput {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Copies that were set aside before. */
  readonly copies: boolean;
}

export interface MergeJob {
  readonly table: TableName;
  /** In an order that is always the same: it decides between rows that sort alike. */
  readonly inputs: readonly MergeInput[];
  /** Decide anew which copy of an event is the best; takes every file of the day. */
  readonly settle: boolean;
  /** SHA-256 of bodies whose rows are left out; what copies were said to be is forgotten then. */
  readonly without?: readonly string[];
  /** What DuckDB may take, bytes. */
  readonly memoryBytes: number;
  /** Characters of a piece; a usual file unless given. */
  readonly pieceCharacters?: number;
  /** Existing folder in which it may make one for what does not fit. */
  readonly spillTo: string;
}

export interface TakeRows {
  /** A row of the piece that is under way, in no certain order; `copies` if it is set aside. The object is used again. */
  row(
    row: Readonly<Record<string, unknown>>,
    copies: boolean,
    /** The column `raw` as UTF-8, where it is not in the row. */
    raw?: Uint8Array | null,
  ): Promise<void> | void;
  /** A piece is whole: later ones lie after it in time, or in the table's order where it has no times. */
  piece(): Promise<void>;
}

/** Characters of a piece: a sorted file of some 20 to 60 MB. */
const PIECE_CHARACTERS = 128 * 2 ** 20;
/** How much larger rows are than they were stored. */
const USUAL_RATIO = 8;
const MOST_ROWS = 1_000_000;

/** Hands over every row of the inputs, piece by piece. Throws COMPACT_FAILED when rows are lost or the engine gives up. */
export async function merge(job: MergeJob, take: TakeRows): Promise<void> {
  if (await mergedAsStored(job, rowsPerPiece(job), take)) return;
  await withEngine(job, async (connection) => {
    let rows = 0;
    for (const { part, copies } of await parts(connection, job)) {
      for (const slice of await slicesOf(connection, job.table, part, rowsPerPiece(job))) {
        rows += await readPiece(connection, job.table, part, slice, (row) => take.row(row, copies));
        await take.piece();
      }
    }
    const expected = rowsIn(job) - (await leftOut(connection, job));
    if (rows !== expected)
      throw new AkashiError(
        'COMPACT_FAILED',
        `${expected} rows of ${job.table} were to be merged and ${rows} came out. Nothing was replaced. Run \`akashi verify --deep\`.`,
      );
  });
}

/** Rows of the bodies that are left out. */
async function leftOut(
  connection: DuckDBConnection,
  { table, inputs, without = [] }: MergeJob,
): Promise<number> {
  if (without.length === 0) return 0;
  const files = readParquet(table, inputs.map(snapshotFile));
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FROM ${files} WHERE coalesce(evidence IN (${textList(without)}), false)`,
  );
  return Number(reader.getRows()[0]![0]);
}

const textList = (texts: readonly string[]): string => texts.map(quoteText).join(', ');

const rowsIn = ({ inputs }: MergeJob): number => inputs.reduce((sum, input) => sum + input.rows, 0);

function rowsPerPiece(job: MergeJob): number {
  const bytes = job.inputs.reduce((sum, input) => sum + input.bytes, 0);
  const ofRow = Math.max(1, (bytes * USUAL_RATIO) / Math.max(1, rowsIn(job)));
  return Math.max(1, Math.min(MOST_ROWS, Math.floor((job.pieceCharacters ?? PIECE_CHARACTERS) / ofRow)));
}

async function readPiece(
  connection: DuckDBConnection,
  table: TableName,
  part: Part,
  slice: string,
  take: (row: Readonly<Record<string, unknown>>) => Promise<void> | void,
): Promise<number> {
  const columns = TABLES[table].map(
    ({ name, type }) => `${asNumber(part.expressions.get(name)!, type)} AS ${quoteName(name)}`,
  );
  const result = await connection.stream(`SELECT ${columns.join(', ')} FROM ${part.from} WHERE ${slice}`);
  const read = rowReader(TABLES[table]);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    const vectors = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
    for (let at = 0; at < chunk.rowCount; at++) {
      const pending = take(read((column) => vectors[column]!.getItem(at)));
      if (pending !== undefined) await pending;
    }
    rows += chunk.rowCount;
  }
}

/** Runs `work` on an engine of its own, with a folder to spill to that is removed afterwards. */
export async function withEngine<T>(
  { memoryBytes, spillTo }: Pick<MergeJob, 'memoryBytes' | 'spillTo'>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const spill = await mkdtemp(join(spillTo, 'akashi-spill-'));
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      ...INSTANCE_OPTIONS,
      // One thread reads files in their order: rows that sort alike come in the same order every time.
      threads: '1',
      memory_limit: kibibytes(memoryBytes),
      temp_directory: spill,
      // What the allocator keeps for itself is in no limit.
      allocator_flush_threshold: kibibytes(memoryBytes / 64),
      allocator_bulk_deallocation_flush_threshold: kibibytes(memoryBytes / 64),
    });
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      return await work(connection);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } catch (error) {
    if (error instanceof AkashiError) throw error;
    throw new AkashiError(
      'COMPACT_FAILED',
      `The files could not be merged: ${error instanceof Error ? error.message : String(error)}. Nothing was replaced.`,
      { cause: error },
    );
  } finally {
    await rm(spill, { recursive: true, force: true });
  }
}

async function parts(
  connection: DuckDBConnection,
  { table, inputs, settle, memoryBytes, without = [] }: MergeJob,
): Promise<{ readonly part: Part; readonly copies: boolean }[]> {
  const files = inputs.map(snapshotFile);
  const stored = await storedColumns(connection, table, files);
  if (settle) {
    const { shown, copies } = await settledParts(
      connection,
      table as Deduplicated,
      files,
      stored,
      memoryBytes,
    );
    return [
      { part: shown, copies: false },
      { part: copies, copies: true },
    ];
  }
  const expressions = columnExpressions(table, stored, 'copy.');
  if (without.length > 0) {
    const kept = `SELECT * FROM ${readParquet(table, files)} WHERE NOT coalesce(evidence IN (${textList(without)}), false)`;
    const plain = new Map(expressions);
    if (plain.has('conflict')) plain.set('conflict', 'CAST(NULL AS BOOLEAN)');
    return [{ part: { from: `(${kept}) AS copy`, expressions: plain }, copies: false }];
  }
  return [false, true].flatMap((copies) => {
    const own = files.filter((_, at) => inputs[at]!.copies === copies);
    return own.length === 0
      ? []
      : [{ part: { from: `${readParquet(table, own)} AS copy`, expressions }, copies }];
  });
}

export const snapshotFile = ({ path, rows, bytes }: MergeInput): SnapshotFile => ({
  path,
  rows,
  day: 'undated',
  bytes,
  overlaps: true,
});

/** Column names and types of the files together. */
export async function storedColumns(
  connection: DuckDBConnection,
  table: TableName,
  files: readonly SnapshotFile[],
): Promise<StoredColumns> {
  const reader = await connection.runAndReadAll(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${readParquet(table, files)})`,
  );
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

const kibibytes = (bytes: number): string => `${Math.floor(bytes / 1024)}KiB`;

/** Times and long numbers are below 2^53, as JavaScript counts them. */
function asNumber(expression: string, type: Column['type']): string {
  if (type === 'time') return `epoch_us(${expression})::DOUBLE`;
  return type === 'long' ? `(${expression})::DOUBLE` : expression;
}

/** Reads rows into one object, whose members are in the order of the catalogue. */
function rowReader(
  columns: readonly Column[],
): (cell: (column: number) => DuckDBValue) => Record<string, unknown> {
  const row: Record<string, unknown> = Object.fromEntries(columns.map(({ name }) => [name, null]));
  const names = columns.map(({ name }) => name);
  return (cell) => {
    for (let column = 0; column < names.length; column++) {
      const value = cell(column);
      row[names[column]!] = value instanceof DuckDBListValue ? value.items : value;
    }
    return row;
  };
}
