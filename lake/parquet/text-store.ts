/** Text values in memory: equal ones kept once while that pays, all of them as Parquet PLAIN bytes in one arena. */

import { AkashiError } from '../../schema/error.ts';
import { ByteBuffer, getUint32, putUint32 } from './byte-buffer.ts';

/**
 * A store stops looking for equal values past either limit. Both are absolute, so that whether a store has stopped
 * depends on its values alone and not on the order they came in.
 */
const MAX_DICTIONARY_VALUES = 16_384;
const MAX_DICTIONARY_BYTES = 1 << 20;

/** Cells are 32-bit arena offsets. */
const MAX_ARENA_BYTES = 2 ** 32 - 1;

/** Memory kept for the next rows after a reset. */
const MAX_KEPT_BYTES = 256 << 20;

/** Strings at least this long may be slices that keep a much longer string alive. */
const MIN_SLICE_LENGTH = 13;

/** Text up to this length is encoded by a loop, which beats the call into native code. */
const SHORT_TEXT = 80;

/** A value in the arena: 4 bytes of length, little-endian, then UTF-8. Offset 0 is never a value. */
const LENGTH_BYTES = 4;
const FIRST_OFFSET = LENGTH_BYTES;

export class TextStore {
  /** For each position 0 for null, else an entry number (while `isDictionary`) or an arena offset. */
  cells = new Uint32Array(0);
  readonly #arena = new ByteBuffer(1024);
  readonly #unique: boolean;
  #index: Map<string, number> | null;
  /** Arena offset of each entry; entry 0 stands for null. */
  #entries = new Uint32Array(64);
  #entryCount = 1;
  #positions = 0;
  #last: string | null = null;
  #lastCell = 0;

  /** `unique`: values seldom repeat, so equal ones are not looked for. */
  constructor(unique: boolean) {
    this.#unique = unique;
    this.#index = unique ? null : new Map();
    this.#arena.length = FIRST_OFFSET;
  }

  /** Whether cells are entry numbers, so that equal values have equal cells. */
  get isDictionary(): boolean {
    return this.#index !== null;
  }

  /** Entries in use including the one for null; meaningful while `isDictionary`. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** The arena, valid until the next `put`. */
  get arena(): Buffer {
    return this.#arena.bytes;
  }

  /** Approximate memory held for values, bytes. */
  get bytes(): number {
    // Keys of the index are strings of their own, with a header and a hash-table slot.
    return this.#arena.length + (this.isDictionary ? this.#arena.length + this.#entryCount * 64 : 0);
  }

  /** Arena offset of a non-null cell. */
  offset(cell: number): number {
    return this.#index === null ? cell : this.#entries[cell]!;
  }

  put(position: number, text: string): void {
    if (position >= this.cells.length) this.#grow(position);
    if (position >= this.#positions) this.#positions = position + 1;
    if (this.#index === null) this.cells[position] = this.#append(text);
    else if (text === this.#last) this.cells[position] = this.#lastCell;
    else this.#intern(this.#index, position, text);
  }

  /** Stores UTF-8 text without looking for an equal one. Only for unique stores. */
  putBytes(position: number, utf8: Uint8Array): void {
    if (position >= this.cells.length) this.#grow(position);
    if (position >= this.#positions) this.#positions = position + 1;
    const offset = this.#room(utf8.length);
    const { bytes } = this.#arena;
    putUint32(bytes, offset, utf8.length);
    bytes.set(utf8, offset + LENGTH_BYTES);
    this.#arena.length = offset + LENGTH_BYTES + utf8.length;
    this.cells[position] = offset;
  }

  /** Orders two non-null cells by their UTF-8 bytes. */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    return compareValues(this.#arena.bytes, this.offset(a), this.offset(b));
  }

  reset(): void {
    this.cells.fill(0, 0, this.#positions);
    this.#positions = 0;
    this.#index?.clear();
    if (!this.#unique) this.#index ??= new Map();
    this.#entryCount = 1;
    this.#last = null;
    if (this.#arena.bytes.length > MAX_KEPT_BYTES) this.#arena.bytes = Buffer.allocUnsafeSlow(1024);
    this.#arena.length = FIRST_OFFSET;
  }

  #intern(index: Map<string, number>, position: number, text: string): void {
    let cell = index.get(text);
    if (cell === undefined) {
      const wellFormed = text.toWellFormed();
      cell =
        wellFormed === text
          ? this.#enter(index, text)
          : (index.get(wellFormed) ?? this.#enter(index, wellFormed));
    }
    this.cells[position] = cell;
    this.#last = text;
    this.#lastCell = cell;
    if (this.#entryCount > MAX_DICTIONARY_VALUES || this.#arena.length > MAX_DICTIONARY_BYTES)
      this.#stopInterning();
  }

  #enter(index: Map<string, number>, text: string): number {
    const offset = this.#append(text);
    const cell = this.#entryCount++;
    if (cell === this.#entries.length) {
      const grown = new Uint32Array(cell * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[cell] = offset;
    index.set(text.length < MIN_SLICE_LENGTH ? text : this.#ownString(offset), cell);
    return cell;
  }

  /** The value as a string that keeps nothing else alive. */
  #ownString(offset: number): string {
    const start = offset + LENGTH_BYTES;
    return this.#arena.bytes.toString('utf8', start, start + getUint32(this.#arena.bytes, offset));
  }

  #stopInterning(): void {
    const { cells } = this;
    for (let position = 0; position < this.#positions; position++)
      cells[position] = this.#entries[cells[position]!]!;
    this.#index = null;
    this.#last = null;
  }

  #append(text: string): number {
    const offset = this.#room(text.length * 3);
    const { bytes } = this.#arena;
    const start = offset + LENGTH_BYTES;
    const length = writeText(bytes, start, text);
    putUint32(bytes, offset, length);
    this.#arena.length = start + length;
    return offset;
  }

  /** Makes room for a value and returns its offset. */
  #room(length: number): number {
    const offset = this.#arena.length;
    if (offset + LENGTH_BYTES + length > MAX_ARENA_BYTES) {
      throw new AkashiError(
        'BUFFER_FULL',
        `A column would hold ${offset + LENGTH_BYTES + length} bytes of text; at most ${MAX_ARENA_BYTES} fit. Finish the file when 'bytes' says that much is held.`,
      );
    }
    this.#arena.reserve(LENGTH_BYTES + length);
    return offset;
  }

  #grow(position: number): void {
    const grown = new Uint32Array(Math.max(1024, position + 1, this.cells.length * 2));
    grown.set(this.cells);
    this.cells = grown;
  }
}

/** Encodes `text` at `at`, lone surrogates as U+FFFD, where 3 bytes a UTF-16 unit are free; returns bytes written. */
function writeText(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT) return bytes.write(text, at, 'utf8');
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return bytes.write(text, at, 'utf8');
    bytes[at + index] = unit;
  }
  return length;
}

/** Orders two values of one arena by their UTF-8 bytes, which is also their code-point order. */
export function compareValues(arena: Uint8Array, a: number, b: number): number {
  const lengthA = getUint32(arena, a);
  const lengthB = getUint32(arena, b);
  const shared = Math.min(lengthA, lengthB);
  const startA = a + LENGTH_BYTES;
  const startB = b + LENGTH_BYTES;
  for (let index = 0; index < shared; index++) {
    const difference = arena[startA + index]! - arena[startB + index]!;
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}
