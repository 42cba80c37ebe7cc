/**
 * What a piece of a body's text was read as, remembered by its bytes: logs say the same names, addresses and objects again
 * and again. A hit costs a comparison of bytes and makes nothing new; values are shared, so nobody may change them.
 */

import { randomInt } from 'node:crypto';

/** Powers of two: places of pieces, and memory for their bytes. */
const SLOTS = 1 << 14;
const ARENA_BYTES = 1 << 21;

/** Longer pieces hardly come again. */
const LONGEST = 1024;

/** Unknown outside this process, so that nobody can write logs whose pieces all collide. What is read does not depend on it. */
const SEED = randomInt(2 ** 32) | 0;
const MULTIPLIER = 0x9e3779b1;

export class FragmentCache {
  readonly #bytes = Buffer.alloc(ARENA_BYTES);
  readonly #data = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, ARENA_BYTES);
  #used = 0;
  /** Hash of the last piece that was missed in each place: only what comes twice is kept. */
  readonly #missed = new Int32Array(SLOTS);
  readonly #hashes = new Int32Array(SLOTS);
  readonly #offsets = new Int32Array(SLOTS);
  /** 0 where a place is free. */
  readonly #lengths = new Int32Array(SLOTS);
  readonly #values: unknown[] = new Array(SLOTS).fill(undefined);

  /**
   * The value of the piece [start, end), `read` when it is not remembered; undefined is never remembered. `data` must
   * reach three bytes beyond `end`.
   */
  value(data: DataView, start: number, end: number, read: (start: number, end: number) => unknown): unknown {
    const length = end - start;
    if (length > LONGEST) return read(start, end);
    const hash = hashOf(data, start, end);
    const slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
    if (
      this.#hashes[slot] === hash &&
      this.#lengths[slot] === length &&
      equalBytes(this.#data, this.#offsets[slot]!, data, start, end)
    ) {
      return this.#values[slot];
    }
    const value = read(start, end);
    if (this.#missed[slot] !== hash) this.#missed[slot] = hash;
    else if (value !== undefined) this.#keep(slot, hash, data, start, end, value);
    return value;
  }

  #keep(slot: number, hash: number, data: DataView, start: number, end: number, value: unknown): void {
    if (this.#used + end - start + 4 > ARENA_BYTES) this.#forget();
    const offset = this.#used;
    for (let at = start; at < end; at++) this.#bytes[offset + at - start] = data.getUint8(at);
    this.#used += (end - start + 3) & ~3;
    this.#hashes[slot] = hash;
    this.#offsets[slot] = offset;
    this.#lengths[slot] = end - start;
    // A slice would keep the text alive that it was cut from.
    this.#values[slot] = typeof value === 'string' ? Buffer.from(value, 'latin1').toString('latin1') : value;
  }

  #forget(): void {
    this.#used = 0;
    this.#lengths.fill(0);
    this.#values.fill(undefined);
  }
}

/** Of the bytes [start, end), four at a time. */
function hashOf(data: DataView, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ data.getInt32(at, true), MULTIPLIER);
  }
  if (at < end) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ lastWord(data, at, end), MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 15), MULTIPLIER);
  return hash ^ (hash >>> 13);
}

/** Whether the bytes of `data` in [start, end) stand at `offset` of `kept`. */
function equalBytes(kept: DataView, offset: number, data: DataView, start: number, end: number): boolean {
  const shift = offset - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    if (kept.getInt32(at + shift, true) !== data.getInt32(at, true)) return false;
  }
  return at >= end || lastWord(kept, at + shift, end + shift) === lastWord(data, at, end);
}

/** One to three bytes as a word. */
const lastWord = (data: DataView, at: number, end: number): number =>
  data.getInt32(at, true) & (0xffff_ffff >>> (32 - 8 * (end - at)));
