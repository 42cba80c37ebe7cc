import { borrow, release } from './cell-array.ts';
import { type Cells, type ChunkFacts, type TextLayout, textOf } from './cells.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { writeTextChunk } from './text-chunk.ts';
import { sortTexts } from './text-sort.ts';
import { TextStore } from './text-store.ts';

/** A column of text. */
export class TextCells implements Cells {
  readonly #store: TextStore;
  readonly #layout: TextLayout;

  constructor(layout: TextLayout) {
    this.#store = new TextStore(layout.unique);
    this.#layout = layout;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  put(row: number, value: unknown): void {
    this.#store.put(row, typeof value === 'string' ? value : textOf(value));
  }

  compare(a: number, b: number): number {
    const { cells } = this.#store;
    const cellA = cells[a] ?? 0;
    const cellB = cells[b] ?? 0;
    if (cellA === cellB) return 0;
    if (cellA === 0) return 1;
    if (cellB === 0) return -1;
    return this.#store.compare(cellA, cellB);
  }

  arrange(order: Uint32Array): void {
    const store = this.#store;
    const { cells } = store;
    const offsets = borrow(Uint32Array, order.length);
    const empty: number[] = [];
    let filled = 0;
    for (const row of order) {
      const cell = row < cells.length ? cells[row]! : 0;
      if (cell === 0) {
        empty.push(row);
        continue;
      }
      offsets[filled] = store.offset(cell);
      order[filled++] = row;
    }
    order.set(empty, filled);
    sortTexts(store.arena, order.subarray(0, filled), offsets.subarray(0, filled));
    release(Uint32Array, offsets);
  }

  write(rows: Uint32Array, chunk: ChunkWriter): ChunkFacts {
    const store = this.#store;
    const slots = rows.length;
    const definition = borrow(Uint8Array, slots);
    const cells = borrow(Uint32Array, slots);
    const { cells: stored } = store;
    let count = 0;
    for (let slot = 0; slot < slots; slot++) {
      const row = rows[slot]!;
      const cell = row < stored.length ? stored[row]! : 0;
      definition[slot] = cell === 0 ? 0 : 1;
      if (cell !== 0) cells[count++] = cell;
    }
    const levels = {
      slots,
      definition: count === slots ? null : definition,
      maxDefinition: 1,
      repetition: null,
    };
    const facts = writeTextChunk(chunk, store, levels, cells, count, this.#layout);
    release(Uint8Array, definition);
    release(Uint32Array, cells);
    return { values: slots, nulls: slots - count, ...facts };
  }

  reset(): void {
    this.#store.reset();
  }
}
