/** Bytes of the Thrift compact protocol, taken number by number. */

export class CompactBytes {
  at = 0;
  protected readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Each throws RangeError where the bytes end, or a number is no safe integer. */
  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('a Thrift struct ends early');
    this.at++;
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('a Thrift number is too large');
      if (byte < 0x80) return value;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
