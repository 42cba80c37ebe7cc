/** Puts a whole Parquet file together and says what is where. */

import { hash } from 'node:crypto';
import type { Column } from '../../schema/columns.ts';
import { distinctPrints } from '../needle/print.ts';
import { type BoundValue, compareBounds } from './bounds.ts';
import type { Cells, ChunkFacts } from './cells.ts';
import { ChunkWriter, type Effort, type EncodedChunk } from './chunk-writer.ts';
import { encodeFooter } from './footer.ts';
import { MAGIC } from './format.ts';
import { dropMemory } from './memory-pool.ts';

export interface FileRange {
  /** Of the first byte, from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** Of the bytes, hex. */
  readonly sha256: string;
}

/** What is known of a column, in a chunk or over the file. */
export interface ColumnSummary {
  readonly nulls: number;
  /** No value is less; text is cut to 64 bytes. Null when there are no values, or no bounds are kept. */
  readonly min: BoundValue | null;
  /** No value is greater; text is cut to 64 bytes and raised. */
  readonly max: BoundValue | null;
}

export interface FileChunk extends FileRange, ColumnSummary {
  readonly column: string;
  /** Values with nulls; more or fewer than rows for lists. */
  readonly values: number;
  /** Different values, where the column was kept as a dictionary. */
  readonly distinct?: number;
  readonly bloom?: FileRange;
}

export interface FileRowGroup {
  readonly rows: number;
  /** One per column, in catalogue order. */
  readonly chunks: readonly FileChunk[];
  /** Fingerprints of its values for the needle index, ascending; empty where no column asks for them. */
  readonly prints: Uint32Array;
}

/** A finished file. Four bytes of magic, the chunks, the bloom filters and the footer follow one another without gap. */
export interface ParquetFile {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rowGroups: readonly FileRowGroup[];
  /** Everything after the last chunk or filter: metadata, its length, magic. */
  readonly footer: FileRange;
  readonly columns: Readonly<Record<string, ColumnSummary>>;
}

export interface FileInput {
  readonly columns: readonly Column[];
  /** One for each column. */
  readonly cells: readonly Cells[];
  /** All row numbers in the order they are to be written. */
  readonly order: Uint32Array;
  /** At most; the last row group has the rest, or all are of about one size. */
  readonly rowGroupRows: number;
  readonly evenGroups: boolean;
  readonly effort: Effort;
  /** Indices of the columns that `order` sorts by. */
  readonly sortedBy: readonly number[];
  readonly fieldId: ((path: string) => number | undefined) | undefined;
  readonly keyValue: Readonly<Record<string, string>>;
}

interface PlacedChunk {
  readonly encoded: EncodedChunk;
  readonly facts: ChunkFacts;
  readonly offset: number;
  bloom: FileRange | null;
}

export function encodeFile(input: FileInput): ParquetFile {
  const { columns, cells, order, rowGroupRows, evenGroups } = input;
  const pieces: Uint8Array[] = [MAGIC];
  let offset = MAGIC.length;
  const place = (piece: Uint8Array): FileRange => {
    const range = { offset, length: piece.length, sha256: hash('sha256', piece, 'hex') };
    pieces.push(piece);
    offset += piece.length;
    return range;
  };

  const groups: { readonly rows: number; readonly chunks: readonly PlacedChunk[] }[] = [];
  const size = evenGroups ? Math.ceil(order.length / Math.ceil(order.length / rowGroupRows)) : rowGroupRows;
  for (let from = 0; from < order.length; from += size) {
    const rows = order.subarray(from, from + size);
    const chunks = cells.map((column): PlacedChunk => {
      const writer = new ChunkWriter(input.effort);
      const facts = column.write(rows, writer);
      const encoded = writer.finish();
      pieces.push(...encoded.pieces);
      offset += encoded.length;
      return { encoded, facts, offset: offset - encoded.length, bloom: null };
    });
    groups.push({ rows: rows.length, chunks });
  }
  for (const chunk of groups.flatMap((group) => group.chunks)) {
    if (chunk.facts.bloom) chunk.bloom = place(chunk.facts.bloom);
  }
  const footer = place(encodeFooter({ ...input, rows: order.length, rowGroups: groups }));
  const bytes = Buffer.concat(pieces, offset);
  for (const piece of pieces) dropMemory(piece);
  return {
    bytes,
    rows: order.length,
    rowGroups: groups.map(({ rows, chunks }) => ({
      rows,
      chunks: chunks.map((chunk, index) => describe(columns[index]!, chunk)),
      prints: distinctPrints(chunks.flatMap(({ facts }) => facts.prints ?? [])),
    })),
    footer,
    columns: Object.fromEntries(
      columns.map(({ name }, index) => [name, summarise(groups.map((group) => group.chunks[index]!.facts))]),
    ),
  };
}

function describe(column: Column, { encoded, facts, offset, bloom }: PlacedChunk): FileChunk {
  return {
    column: column.name,
    offset,
    length: encoded.length,
    sha256: encoded.sha256,
    values: facts.values,
    ...summarise([facts]),
    ...(facts.distinct === null ? {} : { distinct: facts.distinct }),
    ...(bloom === null ? {} : { bloom }),
  };
}

function summarise(chunks: readonly ChunkFacts[]): ColumnSummary {
  let nulls = 0;
  let { min, max } = chunks.find((chunk) => chunk.min !== null) ?? { min: null, max: null };
  for (const chunk of chunks) {
    nulls += chunk.nulls;
    if (chunk.min && min && compareBounds(chunk.min, min) < 0) min = chunk.min;
    // A chunk with values but no upper bound leaves the whole without one.
    if (chunk.min && !chunk.max) max = null;
    else if (chunk.max && max && compareBounds(chunk.max, max) > 0) max = chunk.max;
  }
  return { nulls, min: min?.value ?? null, max: max?.value ?? null };
}
