/** Writer for the Thrift compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */

import { ByteBuffer } from './byte-buffer.ts';

const BOOLEAN_TRUE = 1;
const BOOLEAN_FALSE = 2;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Fields of a struct must come in ascending order of their ids. */
export class ThriftWriter {
  readonly #out = new ByteBuffer(1024);
  #lastId = 0;

  bool(id: number, value: boolean): void {
    this.#field(id, value ? BOOLEAN_TRUE : BOOLEAN_FALSE);
  }

  i16(id: number, value: number): void {
    this.#field(id, I16);
    this.#zigzag(value);
  }

  i32(id: number, value: number): void {
    this.#field(id, I32);
    this.#zigzag(value);
  }

  /** A non-negative safe integer: lengths, offsets and counts. */
  i64(id: number, value: number): void {
    this.#field(id, I64);
    this.#zigzag(value);
  }

  binary(id: number, value: Uint8Array | string): void {
    this.#field(id, BINARY);
    this.#bytes(value);
  }

  struct(id: number, write: () => void): void {
    this.#field(id, STRUCT);
    this.#body(write);
  }

  structs<T>(id: number, items: readonly T[], write: (item: T) => void): void {
    this.#list(id, STRUCT, items.length);
    for (const item of items) this.#body(() => write(item));
  }

  i32s(id: number, items: readonly number[]): void {
    this.#list(id, I32, items.length);
    for (const item of items) this.#zigzag(item);
  }

  binaries(id: number, items: readonly (Uint8Array | string)[]): void {
    this.#list(id, BINARY, items.length);
    for (const item of items) this.#bytes(item);
  }

  /** Ends the outermost struct and returns its bytes; nothing can be written after that. */
  finish(): Buffer {
    this.#out.byte(0);
    const bytes = this.#out.copy();
    this.#out.free();
    return bytes;
  }

  #body(write: () => void): void {
    const outer = this.#lastId;
    this.#lastId = 0;
    write();
    this.#out.byte(0);
    this.#lastId = outer;
  }

  #field(id: number, type: number): void {
    const delta = id - this.#lastId;
    if (delta > 0 && delta < 16) {
      this.#out.byte((delta << 4) | type);
    } else {
      this.#out.byte(type);
      this.#zigzag(id);
    }
    this.#lastId = id;
  }

  #list(id: number, type: number, size: number): void {
    this.#field(id, LIST);
    if (size < 15) {
      this.#out.byte((size << 4) | type);
    } else {
      this.#out.byte(0xf0 | type);
      this.#out.varint(size);
    }
  }

  #bytes(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#out.varint(bytes.length);
    this.#out.append(bytes);
  }

  #zigzag(value: number): void {
    this.#out.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }
}
