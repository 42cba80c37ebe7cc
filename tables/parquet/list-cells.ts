import { borrow, grow, release } from './cell-array.ts';
import { type Cells, type ChunkFacts, type TextLayout, textOf } from './cells.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { writeTextChunk } from './text-chunk.ts';
import { TextStore } from './text-store.ts';

/** Definition levels of the standard list: absent, empty, (null element, never written), element. */
const EMPTY = 1;
const ELEMENT = 3;

/** A column of lists of text. Null elements are left out; a value that is no list becomes a list of one. */
export class ListCells implements Cells {
  readonly #store: TextStore;
  readonly #layout: TextLayout;
  /** For each row 0 for null, else 1 + the position of its first element. */
  #starts = new Uint32Array(0);
  #counts = new Uint32Array(0);
  #rows = 0;
  #elements = 0;

  constructor(layout: TextLayout) {
    this.#store = new TextStore(layout.unique);
    this.#layout = layout;
  }

  get bytes(): number {
    return this.#store.bytes + this.#elements * 4 + this.#rows * 4;
  }

  put(row: number, value: unknown): void {
    if (row >= this.#starts.length) {
      this.#starts = grow(Uint32Array, this.#starts, row);
      this.#counts = grow(Uint32Array, this.#counts, row);
    }
    this.#rows = row + 1;
    const first = this.#elements;
    if (Array.isArray(value)) for (const item of value) this.#element(item);
    else this.#element(value);
    this.#starts[row] = first + 1;
    this.#counts[row] = this.#elements - first;
  }

  /** Orders by the first elements, an empty list before any; lists are no sort key of ours, but the order is total. */
  compare(a: number, b: number): number {
    const startA = this.#starts[a] ?? 0;
    const startB = this.#starts[b] ?? 0;
    if (startA === 0 || startB === 0) return Number(startA === 0) - Number(startB === 0);
    const countA = this.#counts[a]!;
    const countB = this.#counts[b]!;
    const { cells } = this.#store;
    for (let index = 0; index < Math.min(countA, countB); index++) {
      const order = this.#store.compare(cells[startA - 1 + index]!, cells[startB - 1 + index]!);
      if (order !== 0) return order;
    }
    return countA - countB;
  }

  write(rows: Uint32Array, chunk: ChunkWriter): ChunkFacts {
    const store = this.#store;
    const slots = this.#slots(rows);
    const definition = borrow(Uint8Array, slots);
    const repetition = borrow(Uint8Array, slots);
    const cells = borrow(Uint32Array, slots);
    let slot = 0;
    let count = 0;
    for (const row of rows) {
      const start = this.#starts[row] ?? 0;
      const size = start === 0 ? 0 : this.#counts[row]!;
      if (size === 0) {
        repetition[slot] = 0;
        definition[slot++] = start === 0 ? 0 : EMPTY;
        continue;
      }
      for (let index = 0; index < size; index++) {
        definition[slot] = ELEMENT;
        repetition[slot++] = index === 0 ? 0 : 1;
        cells[count++] = store.cells[start - 1 + index]!;
      }
    }
    const levels = { slots, definition, maxDefinition: ELEMENT, repetition };
    const facts = writeTextChunk(chunk, store, levels, cells, count, this.#layout);
    release(Uint8Array, definition);
    release(Uint8Array, repetition);
    release(Uint32Array, cells);
    return { values: slots, nulls: slots - count, ...facts };
  }

  reset(): void {
    this.#store.reset();
    this.#starts = release(Uint32Array, this.#starts);
    this.#counts = release(Uint32Array, this.#counts);
    this.#rows = 0;
    this.#elements = 0;
  }

  #element(item: unknown): void {
    if (item === null || item === undefined) return;
    this.#store.put(this.#elements++, textOf(item));
  }

  #slots(rows: Uint32Array): number {
    let slots = 0;
    for (const row of rows) slots += (this.#starts[row] ?? 0) === 0 ? 1 : Math.max(1, this.#counts[row]!);
    return slots;
  }
}
