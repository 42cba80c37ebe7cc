/** A text value in an arena is what PLAIN writes: four bytes of length, little-endian, then UTF-8. */

import type { ByteBuffer } from './byte-buffer.ts';

export const LENGTH_BYTES = 4;

/** Text up to this length is encoded by a loop, which beats the call into native code (some 40 ns). */
const SHORT_TEXT = 12;
const LONG_TEXT = 4_096;

/** Bytes that `writeText` may write: exact for long text, where an upper bound would waste memory. */
export function roomFor(text: string): number {
  return text.length <= LONG_TEXT ? text.length * 3 : Buffer.byteLength(text);
}

/** Encodes `text` at `at`, where `roomFor` bytes are free, lone surrogates as U+FFFD; returns bytes written. */
export function writeText(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT) return bytes.write(text, at, 'utf8');
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return bytes.write(text, at, 'utf8');
    bytes[at + index] = unit;
  }
  return length;
}

/** The value at `offset` as a string of its own. */
export function readText(arena: ByteBuffer, offset: number): string {
  const start = offset + LENGTH_BYTES;
  return arena.bytes.toString('utf8', start, start + arena.data.getUint32(offset, true));
}

/** Orders two values of one arena by their UTF-8 bytes, which is also their code-point order. */
export function compareValues(arena: ByteBuffer, a: number, b: number): number {
  const { bytes, data } = arena;
  const lengthA = data.getUint32(a, true);
  const lengthB = data.getUint32(b, true);
  const shared = Math.min(lengthA, lengthB);
  const startA = a + LENGTH_BYTES;
  const startB = b + LENGTH_BYTES;
  for (let index = 0; index < shared; index++) {
    const difference = bytes[startA + index]! - bytes[startB + index]!;
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}
