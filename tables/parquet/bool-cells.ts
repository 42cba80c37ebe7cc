import { booleanBound } from './bounds.ts';
import { borrow, grow, release } from './cell-array.ts';
import type { Cells, ChunkFacts } from './cells.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { ENCODING } from './format.ts';
import { writeDataPages } from './pages.ts';

const FALSE = 1;
const TRUE = 2;

/** A column of true and false; anything else is null. */
export class BoolCells implements Cells {
  /** 0 for null, FALSE or TRUE. */
  #values = new Uint8Array(0);
  #rows = 0;

  get bytes(): number {
    return this.#rows;
  }

  put(row: number, value: unknown): void {
    if (typeof value !== 'boolean') return;
    if (row >= this.#values.length) this.#values = grow(Uint8Array, this.#values, row);
    this.#rows = row + 1;
    this.#values[row] = value ? TRUE : FALSE;
  }

  compare(a: number, b: number): number {
    // Null, which is 0, wraps round to the end.
    return (((this.#values[a] ?? 0) + 2) % 3) - (((this.#values[b] ?? 0) + 2) % 3);
  }

  write(rows: Uint32Array, chunk: ChunkWriter): ChunkFacts {
    const slots = rows.length;
    const definition = borrow(Uint8Array, slots);
    const values = borrow(Uint8Array, slots);
    const stored = this.#values;
    let count = 0;
    let trues = 0;
    for (let slot = 0; slot < slots; slot++) {
      const row = rows[slot]!;
      const value = row < stored.length ? stored[row]! : 0;
      definition[slot] = value === 0 ? 0 : 1;
      if (value === 0) continue;
      trues += value - FALSE;
      values[count++] = value - FALSE;
    }
    const levels = {
      slots,
      definition: count === slots ? null : definition,
      maxDefinition: 1,
      repetition: null,
    };
    writeDataPages(chunk, levels, ENCODING.PLAIN, null, (out, from, to) => {
      // One bit a value, least significant first.
      for (let at = from; at < to; at += 8) {
        let byte = 0;
        for (let bit = 0; bit < 8 && at + bit < to; bit++) byte |= values[at + bit]! << bit;
        out.byte(byte);
      }
    });
    release(Uint8Array, definition);
    release(Uint8Array, values);
    return {
      values: slots,
      nulls: slots - count,
      min: count === 0 ? null : booleanBound(trues === count),
      max: count === 0 ? null : booleanBound(trues > 0),
      distinct: null,
      bloom: null,
    };
  }

  reset(): void {
    this.#values = release(Uint8Array, this.#values);
    this.#rows = 0;
  }
}
