/** Finds equal texts: a hash table over values that lie in an arena, so that it keeps no strings and makes no garbage. */

import { randomInt } from 'node:crypto';
import type { ByteBuffer } from './byte-buffer.ts';
import { LENGTH_BYTES, readText, writeText } from './text-values.ts';

/** Unknown outside this process, so that nobody can write logs whose values all collide. Output does not depend on it. */
const HASH_SEED = randomInt(2 ** 32);
const HASH_MULTIPLIER = 0x9e3779b1;

/** Slots looked at before a value is sought in `#overflow` instead: bounds what collisions can cost. */
const MAX_PROBES = 32;

/** The latest values of a column by a cheap hash, as strings: a hit costs a fifth of a look-up. Power of two. */
const MEMO_SLOTS = 32;

/** Strings at least this long may be slices that keep a much longer string alive. */
const MIN_SLICE_LENGTH = 13;

const FIRST_SLOTS = 64;

export class TextIndex {
  readonly #arena: ByteBuffer;
  /** Entry numbers by hash, 0 where free; a power of two, at most half full. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #offsets = new Uint32Array(FIRST_SLOTS);
  /** Entries, counting number 0, which is no value. */
  #count = 1;
  /** Values that found no slot near their hash. */
  #overflow: Map<string, number> | null = null;
  readonly #memoTexts: string[] = new Array(MEMO_SLOTS).fill('');
  readonly #memoEntries = new Uint32Array(MEMO_SLOTS);
  /** Entries as strings that keep nothing else alive, for those that have been met twice. */
  #strings: (string | undefined)[] = [];

  constructor(arena: ByteBuffer) {
    this.#arena = arena;
  }

  /** Entries, counting number 0, which is no value. */
  get count(): number {
    return this.#count;
  }

  /** Arena bytes of all entries, whatever the order they came in. */
  get bytes(): number {
    return aligned(this.#arena.length);
  }

  /** Arena offset of an entry. */
  offset(entry: number): number {
    return this.#offsets[entry]!;
  }

  /** Number of the entry with this text, which is added to the arena if it is new. */
  entry(text: string): number {
    const { length } = text;
    const memo =
      length === 0
        ? 0
        : (length + text.charCodeAt(length - 1) * 5 + text.charCodeAt(length >>> 1)) & (MEMO_SLOTS - 1);
    const known = this.#memoEntries[memo]!;
    if (known !== 0 && this.#memoTexts[memo] === text) return known;

    const before = this.#count;
    const entry = this.#find(text);
    // Only what comes twice is worth a string.
    if (entry < before) {
      this.#memoTexts[memo] = length < MIN_SLICE_LENGTH ? text : this.#ownString(entry);
      this.#memoEntries[memo] = entry;
    }
    return entry;
  }

  reset(): void {
    this.#slots = new Uint32Array(FIRST_SLOTS);
    this.#count = 1;
    this.#overflow = null;
    this.#memoEntries.fill(0);
    this.#memoTexts.fill('');
    this.#strings = [];
  }

  /** Writes the text behind the arena's last value, where it stays only if no equal one is found. */
  #find(text: string): number {
    const arena = this.#arena;
    // Entries begin at multiples of four and are followed by zeros, so that they can be compared by words.
    const start = aligned(arena.length);
    arena.reserve(start - arena.length + LENGTH_BYTES + text.length * 3 + 4);
    const length = writeText(arena.bytes, start + LENGTH_BYTES, text);
    const { data } = arena;
    const end = start + LENGTH_BYTES + length;
    data.setUint32(start, length, true);
    data.setUint32(end, 0, true);

    const hash = hashWords(data, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const entry = slots[slot]!;
      if (entry === 0) {
        if (this.#overflow !== null) {
          const found = this.#overflow.get(readText(arena, start));
          if (found !== undefined) return found;
        }
        const added = this.#add(start, end, hash);
        slots[slot] = added;
        if (added * 2 > mask) this.#rehash();
        return added;
      }
      if (this.#hashes[entry] === hash && equalWords(data, this.#offsets[entry]!, start, end)) return entry;
      slot = (slot + 1) & mask;
    }
    const exact = readText(arena, start);
    const found = this.#overflow?.get(exact);
    if (found !== undefined) return found;
    const added = this.#add(start, end, hash);
    this.#overflow ??= new Map();
    this.#overflow.set(exact, added);
    return added;
  }

  #add(start: number, end: number, hash: number): number {
    const entry = this.#count++;
    if (entry === this.#offsets.length) {
      const hashes = new Int32Array(entry * 2);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
      const offsets = new Uint32Array(entry * 2);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
    }
    this.#hashes[entry] = hash;
    this.#offsets[entry] = start;
    this.#arena.length = end;
    return entry;
  }

  #rehash(): void {
    const mask = this.#slots.length * 2 - 1;
    const slots = new Uint32Array(mask + 1);
    const overflow = new Set(this.#overflow?.values());
    for (let entry = 1; entry < this.#count; entry++) {
      if (overflow.has(entry)) continue;
      let slot = this.#hashes[entry]! & mask;
      let probe = 0;
      while (slots[slot] !== 0 && probe < MAX_PROBES) {
        slot = (slot + 1) & mask;
        probe++;
      }
      if (probe < MAX_PROBES) {
        slots[slot] = entry;
      } else {
        this.#overflow ??= new Map();
        this.#overflow.set(this.#text(entry), entry);
      }
    }
    this.#slots = slots;
  }

  #ownString(entry: number): string {
    this.#strings[entry] ??= this.#text(entry);
    return this.#strings[entry];
  }

  #text(entry: number): string {
    return readText(this.#arena, this.#offsets[entry]!);
  }
}

/** The next multiple of four. */
function aligned(offset: number): number {
  return (offset + 3) & ~3;
}

/** Of the value's length and bytes, four at a time; what follows `end` must be zero. */
function hashWords(data: DataView, start: number, end: number): number {
  let hash = HASH_SEED | 0;
  for (let at = start; at < end; at += 4) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ data.getInt32(at, true), HASH_MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 15), HASH_MULTIPLIER);
  return hash ^ (hash >>> 13);
}

/** Whether the value at `a` equals the one at [b, end), length included. */
function equalWords(data: DataView, a: number, b: number, end: number): boolean {
  const shift = a - b;
  for (let at = b; at < end; at += 4) {
    if (data.getInt32(at + shift, true) !== data.getInt32(at, true)) return false;
  }
  return true;
}
