/** Finds equal texts: a hash table over values that lie in an arena, so that it keeps no strings and makes no garbage. */

import { randomInt } from 'node:crypto';
import type { ByteBuffer } from './byte-buffer.ts';
import { growth } from './memory-pool.ts';
import { LENGTH_BYTES, readText, roomFor, writeText } from './text-values.ts';

/** Unknown outside this process, so that nobody can write logs whose values all collide. Output does not depend on it. */
const HASH_SEED = randomInt(2 ** 32);
const HASH_MULTIPLIER = 0x9e3779b1;

/** Slots looked at before a value is sought in `#overflow` instead: bounds what collisions can cost. */
const MAX_PROBES = 32;

/** Entries that may be kept as strings too, by which a hit costs a fraction: more would only fill the heap. */
const MOST_STRINGS = 2048;

/** Looking among the strings goes on while this many more hits than misses, or fewer, were seen: hashing is not free. */
const FIRST_TRUST = 64;
const MOST_TRUST = 256;

/** Strings at least this long may be slices that keep a much longer string alive. */
const MIN_SLICE_LENGTH = 13;

/** Size of the entry number in front of a value. */
const ENTRY_BYTES = 4;

const FIRST_SLOTS = 16;

export class TextIndex {
  readonly #arena: ByteBuffer;
  readonly #multiplier: number;
  /** Pairs of hash and arena offset, 0 where free; as many as a power of two, at most half full. */
  #slots = new Int32Array(FIRST_SLOTS * 2);
  /** Arena offset and hash of each entry. */
  #offsets = new Uint32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  /** Entries, counting number 0, which is no value. */
  #count = 1;
  /** Values that found no slot near their hash. */
  #overflow: Map<string, number> | null = null;
  /** Entries by strings that keep nothing else alive, for those that have been met twice. */
  readonly #known = new Map<string, number>();
  #trust = FIRST_TRUST;
  /** The last hit: what stands in a column often stands there row after row. */
  #lastText = '';
  #lastEntry = 0;
  /** `multiplier` is of the hash; tests pass 0, by which all values collide. */
  constructor(arena: ByteBuffer, multiplier = HASH_MULTIPLIER) {
    this.#arena = arena;
    this.#multiplier = multiplier;
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
    if (text === this.#lastText && this.#lastEntry !== 0) return this.#lastEntry;
    if (this.#trust <= 0) return this.#find(text);
    const known = this.#known.get(text);
    if (known !== undefined) {
      if (this.#trust < MOST_TRUST) this.#trust++;
      this.#lastText = text;
      this.#lastEntry = known;
      return known;
    }
    this.#trust--;
    const before = this.#count;
    const entry = this.#find(text);
    // Only what comes twice is worth a string; frequent values come early.
    if (entry < before && this.#known.size < MOST_STRINGS)
      this.#known.set(text.length < MIN_SLICE_LENGTH ? text : this.#text(entry), entry);
    return entry;
  }

  /** Writes the text behind the arena's last value, where it stays only if no equal one is found. */
  #find(text: string): number {
    const arena = this.#arena;
    // Each value has its entry number before it and zeros after it, and begins at a multiple of four, so that values
    // can be compared by words and one look at the arena tells all.
    const start = aligned(arena.length) + ENTRY_BYTES;
    arena.reserve(start - arena.length + LENGTH_BYTES + roomFor(text) + 4);
    const length = writeText(arena.bytes, start + LENGTH_BYTES, text);
    const { data } = arena;
    const end = start + LENGTH_BYTES + length;
    data.setUint32(start, length, true);
    data.setUint32(end, 0, true);

    const hash = hashWords(data, start, end, this.#multiplier);
    const slots = this.#slots;
    const mask = slots.length - 2;
    let slot = (hash << 1) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const offset = slots[slot + 1]!;
      if (offset === 0) {
        if (this.#overflow !== null) {
          const found = this.#overflow.get(readText(arena, start));
          if (found !== undefined) return found;
        }
        slots[slot] = hash;
        slots[slot + 1] = start;
        const added = this.#add(start, end, hash);
        if (added * 4 > mask) this.#rehash();
        return added;
      }
      if (slots[slot] === hash && equalWords(data, offset, start, end)) {
        return data.getUint32(offset - ENTRY_BYTES, true);
      }
      slot = (slot + 2) & mask;
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
      const hashes = new Int32Array(entry * 4);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
      const offsets = new Uint32Array(entry * 4);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
    }
    this.#hashes[entry] = hash;
    this.#offsets[entry] = start;
    this.#arena.data.setUint32(start - ENTRY_BYTES, entry, true);
    // The zeros behind the value belong to it: without them it would no longer equal itself once the arena has grown.
    this.#arena.length = aligned(end);
    return entry;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * growth(this.#slots.byteLength));
    const mask = slots.length - 2;
    const overflow = new Set(this.#overflow?.values());
    for (let entry = 1; entry < this.#count; entry++) {
      if (overflow.has(entry)) continue;
      const hash = this.#hashes[entry]!;
      let slot = (hash << 1) & mask;
      let probe = 0;
      while (slots[slot + 1] !== 0 && probe < MAX_PROBES) {
        slot = (slot + 2) & mask;
        probe++;
      }
      if (probe < MAX_PROBES) {
        slots[slot] = hash;
        slots[slot + 1] = this.#offsets[entry]!;
      } else {
        this.#overflow ??= new Map();
        this.#overflow.set(this.#text(entry), entry);
      }
    }
    this.#slots = slots;
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
function hashWords(data: DataView, start: number, end: number, multiplier: number): number {
  let hash = HASH_SEED | 0;
  for (let at = start; at < end; at += 4) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ data.getInt32(at, true), multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 15), multiplier);
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
