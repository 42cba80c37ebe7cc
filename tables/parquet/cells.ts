/** What every kind of column can do: hold cells by row number and write a chunk of them in a given order. */

import type { Bound } from './bounds.ts';
import type { ChunkWriter } from './chunk-writer.ts';

export interface Cells {
  /** Approximate memory held, bytes. */
  readonly bytes: number;
  /** Sets one cell; called at most once per row, with anything but null and undefined. */
  put(row: number, value: unknown): void;
  /** Orders two rows by this column, nulls last. */
  compare(a: number, b: number): number;
  /** Sorts row numbers by this column, nulls last, equal rows staying in order; absent where comparing is as fast. */
  arrange?(order: Uint32Array): void;
  /** Writes the cells of these rows, in this order, as one chunk. */
  write(rows: Uint32Array, chunk: ChunkWriter): ChunkFacts;
  /** Forgets all cells. */
  reset(): void;
}

export interface ChunkFacts {
  /** Values with nulls; for a list its elements, one for each empty or absent list. */
  readonly values: number;
  /** Slots without a value. */
  readonly nulls: number;
  readonly min: Bound | null;
  readonly max: Bound | null;
  /** Different values, where known. */
  readonly distinct: number | null;
  /** A bloom filter over the values, as it stands in the file. */
  readonly bloom: Buffer | null;
  /** Fingerprints of the values for the needle index, where the layout asks for them; in no order, some more than once. */
  readonly prints?: Uint32Array;
}

/** How a text column is kept and what is written beside it. */
export interface TextLayout {
  /** Values seldom repeat: no dictionary is tried. */
  readonly unique: boolean;
  /** Whether statistics get a least and a greatest value. */
  readonly bounds: boolean;
  /** Which chunks get a bloom filter: hashing every value of one without a dictionary takes a quarter of its time. */
  readonly bloom: 'none' | 'dictionaries' | 'all';
  /** Kind of column in the needle index; null where the values are not in it. */
  readonly needle: number | null;
}

/** Any value as text; what cannot be one (an object that refuses) is empty. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return '';
  }
}
