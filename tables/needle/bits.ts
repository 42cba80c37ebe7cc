/** Bits in a row, least significant first, and Rice codes: a number as its upper part in unary and `k` lower bits. */

import { AkashiError } from '../../schema/error.ts';

export class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #held = 0;
  #bits = 0;

  /** `count` 0 … 24 bits of `value`. */
  write(value: number, count: number): void {
    if (this.#length + 4 > this.#bytes.length) this.#grow();
    let held = this.#held | (value << this.#bits);
    let bits = this.#bits + count;
    while (bits >= 8) {
      this.#bytes[this.#length++] = held;
      held >>>= 8;
      bits -= 8;
    }
    this.#held = held;
    this.#bits = bits;
  }

  /** A number below 2^52; `k` 0 … 44. */
  rice(value: number, k: number): void {
    // Nearly all fit into one write of 24 bits.
    const high = value < 0x80000000 && k < 24 ? value >>> k : 24;
    if (high + 1 + k <= 24) {
      const code = ((1 << high) - 1) | ((value & ((1 << k) - 1)) << (high + 1));
      this.write(code, high + 1 + k);
      return;
    }
    let upper = Math.floor(value / 2 ** k);
    for (; upper >= 16; upper -= 16) this.write(0xffff, 16);
    this.write((1 << upper) - 1, upper + 1);
    let lower = value % 2 ** k;
    let left = k;
    for (; left > 16; left -= 16) {
      this.write(lower % 0x10000, 16);
      lower = Math.floor(lower / 0x10000);
    }
    this.write(lower, left);
  }

  finish(): Uint8Array {
    if (this.#length === this.#bytes.length) this.#grow();
    if (this.#bits > 0) this.#bytes[this.#length++] = this.#held;
    return this.#bytes.slice(0, this.#length);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #bits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** `count` 0 … 16 bits. Throws INDEX_DAMAGED beyond the end. */
  read(count: number): number {
    while (this.#bits < count) {
      if (this.#at >= this.#bytes.length)
        throw new AkashiError('INDEX_DAMAGED', 'a part of the needle index ends early');
      this.#held |= this.#bytes[this.#at++]! << this.#bits;
      this.#bits += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#bits -= count;
    return value;
  }

  rice(k: number): number {
    let upper = 0;
    for (;;) {
      if (this.#bits === 0) {
        this.#held = this.read(8);
        this.#bits = 8;
      }
      const ones = 31 - Math.clz32(~this.#held & -~this.#held);
      if (ones < this.#bits) {
        upper += ones;
        this.#held >>>= ones + 1;
        this.#bits -= ones + 1;
        break;
      }
      upper += this.#bits;
      this.#held = 0;
      this.#bits = 0;
    }
    let lower = 0;
    let scale = 1;
    let left = k;
    for (; left > 16; left -= 16) {
      lower += this.read(16) * scale;
      scale *= 0x10000;
    }
    return upper * 2 ** k + lower + this.read(left) * scale;
  }
}

/** The `k` that suits numbers of this mean. */
export const riceParameter = (mean: number): number =>
  Math.max(0, Math.min(44, Math.floor(Math.log2(mean * 0.7 + 1))));
