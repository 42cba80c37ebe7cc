import { int32Bound, int64Bound } from './bounds.ts';
import { borrow, grow, release } from './cell-array.ts';
import type { Cells, ChunkFacts } from './cells.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { ENCODING } from './format.ts';
import { writeDataPages } from './pages.ts';

const TWO_32 = 2 ** 32;

/** A column of integers: of 32 bits, or of 64 bits as far as JavaScript counts exactly. Anything else is null. */
export class NumberCells implements Cells {
  readonly #bits: 32 | 64;
  /** NaN for null. */
  #values = new Float64Array(0);
  #rows = 0;

  constructor(bits: 32 | 64) {
    this.#bits = bits;
  }

  get bytes(): number {
    return this.#rows * 8;
  }

  put(row: number, value: unknown): void {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) return;
    if (this.#bits === 32 && number !== (number | 0)) return;
    if (row >= this.#values.length) this.#values = grow(Float64Array, this.#values, row, Number.NaN);
    this.#rows = row + 1;
    // Adding zero turns -0 into 0.
    this.#values[row] = number + 0;
  }

  compare(a: number, b: number): number {
    const valueA = this.#values[a] ?? Number.NaN;
    const valueB = this.#values[b] ?? Number.NaN;
    if (valueA < valueB) return -1;
    if (valueA > valueB) return 1;
    return Number(Number.isNaN(valueA)) - Number(Number.isNaN(valueB));
  }

  write(rows: Uint32Array, chunk: ChunkWriter): ChunkFacts {
    const slots = rows.length;
    const definition = borrow(Uint8Array, slots);
    const values = borrow(Float64Array, slots);
    const stored = this.#values;
    let count = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let slot = 0; slot < slots; slot++) {
      const row = rows[slot]!;
      const value = row < stored.length ? stored[row]! : Number.NaN;
      definition[slot] = Number.isNaN(value) ? 0 : 1;
      if (definition[slot] === 0) continue;
      values[count++] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const words = borrow(Int32Array, count * 2);
    this.#encode(values, count, words);
    const size = this.#bits / 8;
    const plain = new Uint8Array(words.buffer);
    writeDataPages(
      chunk,
      { slots, definition: count === slots ? null : definition, maxDefinition: 1, repetition: null },
      ENCODING.PLAIN,
      null,
      (out, from, to) => out.append(plain.subarray(from * size, to * size)),
    );
    release(Uint8Array, definition);
    release(Float64Array, values);
    release(Int32Array, words);
    const bound = this.#bits === 32 ? int32Bound : int64Bound;
    return {
      values: slots,
      nulls: slots - count,
      min: count === 0 ? null : bound(min),
      max: count === 0 ? null : bound(max),
      distinct: null,
      bloom: null,
    };
  }

  reset(): void {
    this.#values = release(Float64Array, this.#values);
    this.#rows = 0;
  }

  /** The values as little-endian words (every platform Node runs our code on is little-endian). */
  #encode(values: Float64Array, count: number, words: Int32Array): void {
    if (this.#bits === 32) {
      for (let index = 0; index < count; index++) words[index] = values[index]!;
      return;
    }
    for (let index = 0; index < count; index++) {
      const value = values[index]!;
      words[index * 2] = value;
      words[index * 2 + 1] = Math.floor(value / TWO_32);
    }
  }
}
