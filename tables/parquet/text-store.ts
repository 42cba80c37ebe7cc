/** Text cells in memory: values in one arena, equal ones kept once while that pays. */

import { AkashiError } from '../../schema/error.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { grow, release } from './cell-array.ts';
import { TextIndex } from './text-index.ts';
import { compareValues, LENGTH_BYTES, roomFor, writeText } from './text-values.ts';

/**
 * A store stops looking for equal values past either limit. Both are absolute, so that whether a store has stopped
 * depends on its values alone and not on the order they came in.
 */
const MAX_DICTIONARY_VALUES = 8_192;
const MAX_DICTIONARY_BYTES = 1 << 20;

/** Cells are 32-bit arena offsets. */
const MAX_ARENA_BYTES = 2 ** 32 - 1;

/** An idle store keeps next to nothing. */
const IDLE_ARENA_BYTES = 256;

/** Offset 0 is no value, so that 0 can stand for null. */
const FIRST_OFFSET = LENGTH_BYTES;

export class TextStore {
  /** For each position 0 for null, else an entry number (while `index` is there) or an arena offset. */
  cells = new Uint32Array(0);
  readonly arena = new ByteBuffer(IDLE_ARENA_BYTES);
  readonly #unique: boolean;
  #index: TextIndex | null;

  /** `unique`: values seldom repeat, so equal ones are not looked for. */
  constructor(unique: boolean) {
    this.#unique = unique;
    this.#index = unique ? null : new TextIndex(this.arena);
    this.arena.length = FIRST_OFFSET;
  }

  /** Equal values have equal cells while this is there. */
  get index(): TextIndex | null {
    return this.#index;
  }

  /** Approximate memory held for values, bytes. */
  get bytes(): number {
    // An index has slots, hashes, offsets and some strings for its entries.
    return this.arena.length + (this.#index === null ? 0 : this.#index.count * 64);
  }

  put(position: number, text: string): void {
    if (position >= this.cells.length) this.cells = grow(Uint32Array, this.cells, position);
    const index = this.#index;
    if (index === null) {
      this.cells[position] = this.#append(text);
      return;
    }
    this.cells[position] = index.entry(text);
    if (index.count > MAX_DICTIONARY_VALUES || index.bytes > MAX_DICTIONARY_BYTES) this.#dropIndex(index);
  }

  /** Arena offset of a non-null cell. */
  offset(cell: number): number {
    return this.#index === null ? cell : this.#index.offset(cell);
  }

  /** Orders two non-null cells by their UTF-8 bytes. */
  compare(a: number, b: number): number {
    return a === b ? 0 : compareValues(this.arena, this.offset(a), this.offset(b));
  }

  reset(): void {
    this.cells = release(Uint32Array, this.cells);
    this.arena.release(IDLE_ARENA_BYTES);
    this.arena.length = FIRST_OFFSET;
    this.#index = this.#unique ? null : new TextIndex(this.arena);
  }

  #dropIndex(index: TextIndex): void {
    const { cells } = this;
    for (let position = 0; position < cells.length; position++) {
      const entry = cells[position]!;
      if (entry !== 0) cells[position] = index.offset(entry);
    }
    this.#index = null;
  }

  #append(text: string): number {
    const offset = this.#room(roomFor(text));
    const { bytes, data } = this.arena;
    const length = writeText(bytes, offset + LENGTH_BYTES, text);
    data.setUint32(offset, length, true);
    this.arena.length = offset + LENGTH_BYTES + length;
    return offset;
  }

  /** Makes room for a value and returns its offset. */
  #room(length: number): number {
    const offset = this.arena.length;
    const end = offset + LENGTH_BYTES + length;
    if (end > MAX_ARENA_BYTES) {
      throw new AkashiError(
        'BUFFER_FULL',
        `A column would hold ${end} bytes of text; at most ${MAX_ARENA_BYTES} fit. Finish the file when 'bytes' says that much is held.`,
      );
    }
    this.arena.reserve(LENGTH_BYTES + length);
    return offset;
  }
}
