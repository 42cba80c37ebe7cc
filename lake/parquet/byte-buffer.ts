/** Bytes that grow: capacity at least doubles, so appending costs amortised constant time per byte. */

export class ByteBuffer {
  bytes: Buffer;
  /** Bytes in use. */
  length = 0;

  constructor(capacity = 256) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `extra` more bytes; `bytes` may be another object afterwards. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Appends a copy of `source[start, end)`. */
  append(source: Uint8Array, start = 0, end = source.length): void {
    this.reserve(end - start);
    const { bytes } = this;
    let to = this.length;
    // Below some 64 bytes a loop beats the call into native code.
    if (end - start <= 64) for (let from = start; from < end; from++) bytes[to++] = source[from]!;
    else bytes.set(source.subarray(start, end), to);
    this.length += end - start;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Unsigned 32-bit little-endian. */
  uint32(value: number): void {
    this.reserve(4);
    putUint32(this.bytes, this.length, value);
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
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function getUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
