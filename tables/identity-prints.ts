/**
 * Fingerprints of the identities in a data file. They tell, at seal, whether a copy of an event is already in the lake,
 * so that only days with copies pay for de-duplication in queries. A wrong "yes" costs time, never a row; a wrong "no"
 * would show an event twice, so a list carries its own SHA-256 and is made again when that does not fit.
 */

import { createHash } from 'node:crypto';

const NUMBER_BYTES = 8;
const HASH_BYTES = 32;

/** 53 bits of a text: cyrb53, public domain by bryc. Fast and even; not for security, and nothing here relies on that. */
export function fingerprint(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}

/**
 * Fingerprint of the event a row stands for: copies of it, whatever their shape, have the same. Of the text as it is
 * stored, which has U+FFFD for half a surrogate pair, so that it can be made again from the file.
 */
export function identityPrint(row: {
  source: string | null;
  identity: string | null;
  uid: string | null;
}): number {
  return fingerprint((row.identity ?? `${row.source}/${row.uid}`).toWellFormed());
}

/** Sorted, as stored: little-endian doubles, which hold 53-bit integers exactly, and the SHA-256 of their bytes. */
export function encodePrints(prints: readonly number[]): Uint8Array {
  const numbers = new Uint8Array(Float64Array.from(prints).sort().buffer);
  return Buffer.concat([numbers, sha256(numbers)]);
}

/** Null when the bytes are not what `encodePrints` wrote for a file of so many rows. */
export function decodePrints(bytes: Uint8Array, rows: number): Float64Array | null {
  if (bytes.length !== rows * NUMBER_BYTES + HASH_BYTES) return null;
  const numbers = bytes.subarray(0, rows * NUMBER_BYTES);
  if (sha256(numbers).compare(bytes, numbers.length) !== 0) return null;
  if (numbers.byteOffset % NUMBER_BYTES === 0)
    return new Float64Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, rows);
  // A Buffer may lie anywhere in a larger piece of memory.
  return new Float64Array(new Uint8Array(numbers).buffer, 0, rows);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function joined(lists: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const all = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** How many values stand in the sorted lists beyond the first of each: the copies. */
export function countCopies(lists: readonly Float64Array[]): number {
  const all = joined(lists).sort();
  let copies = 0;
  for (let i = 1; i < all.length; i++) if (all[i] === all[i - 1]) copies++;
  return copies;
}

/**
 * How many values of the new sorted lists stand for an event that the lists before hold, or that the new ones hold more
 * than once: the copies they bring. The lists before are looked at only where they could hold one.
 */
export function countNewCopies(before: readonly Float64Array[], added: readonly Float64Array[]): number {
  const all = joined(added);
  if (added.length > 1) all.sort();
  const distinct = all.filter((value, i) => i === 0 || value !== all[i - 1]);
  const isHeld = new Uint8Array(distinct.length);
  for (const list of before) markHeld(distinct, list, isHeld);
  let fresh = distinct.length;
  for (const held of isHeld) fresh -= held;
  return all.length - fresh;
}

/** Both are sorted: each search goes on where the one before ended, in steps that double. */
function markHeld(values: Float64Array, list: Float64Array, isHeld: Uint8Array): void {
  let from = 0;
  for (let i = 0; i < values.length && from < list.length; i++) {
    const value = values[i]!;
    let step = 1;
    while (from + step < list.length && list[from + step]! < value) step *= 2;
    let low = from + Math.floor(step / 2);
    let high = Math.min(from + step, list.length);
    if (list[low]! >= value) {
      high = low;
      low = from;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (list[middle]! < value) low = middle + 1;
      else high = middle;
    }
    from = low;
    if (list[from] === value) isHeld[i] = 1;
  }
}
