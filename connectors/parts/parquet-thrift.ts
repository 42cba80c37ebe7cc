/**
 * Reads Thrift's compact protocol, in which Parquet writes its footer and page headers.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * Nothing here allots memory for what a size claims: every element takes at least one byte of input.
 */

export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
/** Field number → value. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Deepest nesting read; Parquet needs six. */
const MAX_DEPTH = 16;

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;

/** The struct at `at` and the offset behind it. Throws an Error on anything that is none. */
export function readStruct(bytes: Buffer, at: number): { value: ThriftStruct; end: number } {
  const reader = new Reader(bytes, at);
  const value = reader.struct(0);
  return { value, end: reader.at };
}

class Reader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new Error('a Thrift value nested too deep');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) return fields;
      const delta = header >> 4;
      const type = header & 15;
      id = delta === 0 ? this.#zigzag() : id + delta;
      fields.set(id, type === TRUE ? true : type === FALSE ? false : this.#value(type, depth + 1));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TRUE:
      case FALSE:
        return this.#byte() === TRUE;
      case BYTE:
        return (this.#byte() << 24) >> 24;
      case DOUBLE:
        return this.#take(8).readDoubleLE(0);
      case BINARY:
        return this.#take(this.#varint());
      case LIST:
      case SET:
        return this.#list(depth);
      case MAP:
        return this.#map(depth);
      case STRUCT:
        return this.struct(depth);
      default:
        if (type > BYTE && type <= I64) return this.#zigzag();
        throw new Error(`${type} is no Thrift type`);
    }
  }

  #list(depth: number): ThriftValue[] {
    const header = this.#byte();
    const size = header >> 4 === 15 ? this.#varint() : header >> 4;
    if (depth > MAX_DEPTH) throw new Error('a Thrift value nested too deep');
    if (size > this.#bytes.length - this.at) throw new Error(`a list of ${size} elements in fewer bytes`);
    const items: ThriftValue[] = [];
    for (let index = 0; index < size; index++) items.push(this.#value(header & 15, depth + 1));
    return items;
  }

  /** Parquet uses no maps; they are read over. */
  #map(depth: number): ThriftValue[] {
    const size = this.#varint();
    if (depth > MAX_DEPTH || size > this.#bytes.length - this.at) throw new Error('a Thrift map too large');
    const types = size === 0 ? 0 : this.#byte();
    for (let index = 0; index < size; index++) {
      this.#value(types >> 4, depth + 1);
      this.#value(types & 15, depth + 1);
    }
    return [];
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error('the Thrift value is cut short');
    return byte;
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.at) throw new Error('the Thrift value is cut short');
    const taken = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  /** Exact up to 2^53, which no size, count or offset here reaches. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new Error('a number of more than ten bytes');
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
