/** Least and greatest values as Parquet statistics and as JavaScript values. */

import type { ByteBuffer } from './byte-buffer.ts';
import { LENGTH_BYTES } from './text-values.ts';

/** Longest text bound, bytes; readers need only enough to tell row groups apart. */
const MAX_TEXT_BOUND = 64;

export type BoundValue = string | number | boolean;

export interface Bound {
  /** PLAIN-encoded, text without its length. */
  readonly bytes: Uint8Array;
  readonly value: BoundValue;
  /** False when text was cut: then the bound is below the least or above the greatest value. */
  readonly exact: boolean;
}

/** The text at an arena offset as a lower bound: cut to whole code points within 64 bytes. */
export function lowerTextBound(arena: ByteBuffer, offset: number): Bound {
  const { bytes, exact } = cut(arena, offset);
  return { bytes, value: bytes.toString('utf8'), exact };
}

/** The text at an arena offset as an upper bound: cut, then its last code point raised; null where none can be. */
export function upperTextBound(arena: ByteBuffer, offset: number): Bound | null {
  const { bytes, exact } = cut(arena, offset);
  const value = bytes.toString('utf8');
  if (exact) return { bytes, value, exact };
  const raised = successor(value);
  return raised === null ? null : { bytes: Buffer.from(raised), value: raised, exact };
}

/** The least text above every text that begins with `prefix`. */
function successor(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  for (let point = points.pop(); point !== undefined; point = points.pop()) {
    if (point === 0x10ffff) continue;
    // UTF-8 has no surrogates: what follows U+D7FF is U+E000.
    const next = point === 0xd7ff ? 0xe000 : point + 1;
    return points.map((kept) => String.fromCodePoint(kept)).join('') + String.fromCodePoint(next);
  }
  return null;
}

function cut({ bytes, data }: ByteBuffer, offset: number): { bytes: Buffer; exact: boolean } {
  const length = data.getUint32(offset, true);
  const start = offset + LENGTH_BYTES;
  if (length <= MAX_TEXT_BOUND) return { bytes: Buffer.copyBytesFrom(bytes, start, length), exact: true };
  let end = MAX_TEXT_BOUND;
  // Step back from inside a code point to its first byte.
  while (end > 0 && (bytes[start + end]! & 0xc0) === 0x80) end--;
  return { bytes: Buffer.copyBytesFrom(bytes, start, end), exact: false };
}

export function int32Bound(value: number): Bound {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return { bytes, value, exact: true };
}

export function int64Bound(value: number): Bound {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return { bytes, value, exact: true };
}

export function booleanBound(value: boolean): Bound {
  return { bytes: Buffer.of(value ? 1 : 0), value, exact: true };
}

/** Orders two bounds of one column. */
export function compareBounds(a: Bound, b: Bound): number {
  if (typeof a.value === 'string') return Buffer.compare(a.bytes, b.bytes);
  return Number(a.value) - Number(b.value);
}
