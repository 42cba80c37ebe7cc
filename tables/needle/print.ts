/**
 * Fingerprints of values: 22 bits of a hash that does not know letter case, and the kind of column they stand in. They
 * only tell where a value may be; what is found is compared with the value itself, so two that are alike cost time and
 * nothing else.
 */

import type { ByteBuffer } from '../parquet/byte-buffer.ts';
import { LENGTH_BYTES } from '../parquet/text-values.ts';
import { foldCase, furtherForms, headEnd, mayBeIpv6 } from './forms.ts';

/** With these, a row group of 8,000 rows and 50,000 values takes some 10 bits a value. */
const HASH_BITS = 22;
const KIND_BITS = 3;
export const PRINT_BITS = HASH_BITS + KIND_BITS;
export const KINDS = 1 << KIND_BITS;

const SEED = 0x2b1f9c4d;

/** Of the bytes [start, end), ASCII letters taken as small: 32 bits, murmur's mixing on words of four bytes. */
function hashFolded(data: DataView, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mix(hash, folded(data.getInt32(at, true)));
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= data.getUint8(at) << shift;
  hash = mix(hash, folded(rest));
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Four bytes at once: those from A to Z get the bit that makes them small. */
function folded(word: number): number {
  const low = word & 0x7f7f7f7f;
  const upper = ~word & 0x80808080 & ((low + 0x3f3f3f3f) ^ (low + 0x25252525));
  return word | (upper >>> 2);
}

const printOf = (hash: number, kind: number): number => (hash >>> (32 - HASH_BITS)) * KINDS + kind;

/** Fingerprint of a text as if it stood in a column of kind 0; of kind k it is k more. */
export function printOfText(text: string): number {
  const bytes = Buffer.from(text);
  return printOf(hashFolded(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length), 0);
}

/** A list of fingerprints that grows. */
export class Prints {
  #items = new Uint32Array(256);
  #count = 0;

  get items(): Uint32Array {
    return this.#items.subarray(0, this.#count);
  }

  add(print: number): void {
    if (this.#count === this.#items.length) {
      const grown = new Uint32Array(this.#items.length * 2);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#count++] = print;
  }

  /** Adds a value and its further forms. */
  addText(text: string, kind: number): void {
    this.add(printOfText(text) + kind);
    for (const form of furtherForms(foldCase(text))) this.add(printOfText(form) + kind);
  }

  /** Adds those of the text values at these offsets of an arena. */
  addValues(arena: ByteBuffer, offsets: Uint32Array, count: number, kind: number): void {
    const { data, bytes } = arena;
    for (let value = 0; value < count; value++) {
      const offset = offsets[value]!;
      const length = data.getUint32(offset, true);
      const start = offset + LENGTH_BYTES;
      const end = start + length;
      this.add(printOf(hashFolded(data, start, end), kind));
      const head = headEnd(data, start, end);
      if (head > 0) this.add(printOf(hashFolded(data, start, head), kind));
      else if (mayBeIpv6(data, start, end)) {
        const text = bytes.toString('utf8', start, end);
        for (const form of furtherForms(foldCase(text))) this.add(printOfText(form) + kind);
      }
    }
  }

  /** As they came; the list is empty afterwards. */
  take(): Uint32Array {
    const taken = this.items.slice();
    this.#count = 0;
    return taken;
  }
}

/** All of these lists, each fingerprint once, ascending. */
export function distinctPrints(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  const sorted = sortPrints(all);
  let kept = 0;
  for (let place = 0; place < sorted.length; place++) {
    if (place === 0 || sorted[place] !== sorted[place - 1]) sorted[kept++] = sorted[place]!;
  }
  return sorted.slice(0, kept);
}

const RADIX_BITS = 13;
/** Below this, counting the digits costs more than the sort it saves. */
const LEAST_RADIX = 2_048;

/** Sorted, in these or in other memory, by two counting passes: six times as fast as comparing. */
function sortPrints(prints: Uint32Array): Uint32Array {
  if (prints.length < LEAST_RADIX) return prints.sort();
  let from: Uint32Array = prints;
  let to: Uint32Array = new Uint32Array(prints.length);
  for (let shift = 0; shift < PRINT_BITS; shift += RADIX_BITS) {
    const starts = new Uint32Array((1 << RADIX_BITS) + 1);
    const mask = (1 << RADIX_BITS) - 1;
    for (let at = 0; at < from.length; at++) starts[((from[at]! >>> shift) & mask) + 1]!++;
    for (let digit = 0; digit < mask; digit++) starts[digit + 1]! += starts[digit]!;
    for (let at = 0; at < from.length; at++) {
      const print = from[at]!;
      to[starts[(print >>> shift) & mask]!++] = print;
    }
    [from, to] = [to, from];
  }
  return from;
}
