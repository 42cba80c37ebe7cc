/** Bytes that grow: capacity at least doubles, so appending costs amortised constant time per byte. */

import { giveMemory, growth, takeMemory } from './memory-pool.ts';

/** Up to this size a loop beats the call into native code. */
const MAX_COPIED_BY_WORDS = 160;

export class ByteBuffer {
  bytes: Buffer;
  /** The same bytes, for reading and writing words. */
  data: DataView;
  /** Bytes in use. */
  length = 0;

  constructor(capacity = 256) {
    const memory = takeMemory(capacity);
    this.bytes = Buffer.from(memory);
    this.data = new DataView(memory);
  }

  /** Makes room for `extra` more bytes; `bytes` and `data` may be other objects afterwards. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const old = this.bytes;
    this.#use(takeMemory(Math.max(needed, old.length * growth(old.length))));
    this.bytes.set(old.subarray(0, this.length));
    giveMemory(old.buffer as ArrayBuffer);
  }

  /** Empties the buffer and gives all but `capacity` bytes of its memory back. */
  release(capacity: number): void {
    this.length = 0;
    if (this.bytes.length <= capacity) return;
    giveMemory(this.bytes.buffer as ArrayBuffer);
    this.#use(takeMemory(capacity));
  }

  /** Gives all memory back; the buffer must not be used any more. */
  free(): void {
    giveMemory(this.bytes.buffer as ArrayBuffer);
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** Appends a copy of `source`'s bytes [start, end). */
  appendFrom(source: ByteBuffer, start: number, end: number): void {
    const size = end - start;
    this.reserve(size + 4);
    if (size > MAX_COPIED_BY_WORDS || end + 4 > source.bytes.length) {
      this.bytes.set(source.bytes.subarray(start, end), this.length);
    } else {
      const from = source.data;
      const to = this.data;
      // The last word may copy up to three bytes too many, which the next write replaces.
      for (let at = 0; at < size; at += 4)
        to.setInt32(this.length + at, from.getInt32(start + at, true), true);
    }
    this.length += size;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Unsigned 32-bit little-endian. */
  uint32(value: number): void {
    this.reserve(4);
    this.data.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Unsigned LEB128 of a non-negative safe integer. */
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** The bytes in use, in place: valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** The bytes in use, copied. */
  copy(): Buffer {
    return Buffer.copyBytesFrom(this.bytes, 0, this.length);
  }

  #use(memory: ArrayBuffer): void {
    this.bytes = Buffer.from(memory);
    this.data = new DataView(memory);
  }
}
