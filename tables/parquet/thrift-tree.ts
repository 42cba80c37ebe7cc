/**
 * Any struct of the Thrift compact protocol as a tree, and back: for changing a few fields and keeping the others as they
 * are. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

import { ByteBuffer } from './byte-buffer.ts';
import { CompactBytes } from './compact-bytes.ts';

/** Whole numbers are safe integers; a struct's fields are in the order they were written. */
export type ThriftValue = boolean | number | Uint8Array | ThriftList | ThriftStruct;

export interface ThriftField {
  readonly id: number;
  readonly type: number;
  readonly value: ThriftValue;
}
export type ThriftStruct = readonly ThriftField[];

export interface ThriftList {
  readonly elementType: number;
  readonly items: readonly ThriftValue[];
}

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

const MAX_DEPTH = 32;

/** Throws RangeError for bytes that are no struct. */
export function decodeThrift(bytes: Uint8Array): { readonly value: ThriftStruct; readonly length: number } {
  const reader = new Reader(bytes);
  const value = reader.struct(0);
  return { value, length: reader.at };
}

class Reader extends CompactBytes {
  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new RangeError('a Thrift struct is nested too deeply');
    const fields: ThriftField[] = [];
    let id = 0;
    for (let head = this.byte(); head !== 0; head = this.byte()) {
      const delta = head >>> 4;
      const type = head & 0x0f;
      id = delta === 0 ? this.zigzag() : id + delta;
      const value = type === TRUE || type === FALSE ? type === TRUE : this.#value(type, depth);
      fields.push({ id, type, value });
    }
    return fields;
  }

  #value(type: number, depth: number): ThriftValue {
    if (type >= I16 && type <= I64) return this.zigzag();
    switch (type) {
      // In a list; as a field the type itself is the value.
      case TRUE:
      case FALSE:
        return this.byte() === TRUE;
      case BYTE:
        return this.byte();
      case DOUBLE:
        return this.#take(8);
      case BINARY:
        return this.#take(this.varint());
      case LIST:
      case SET:
        return this.#list(depth);
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`Thrift type ${type} is not known`);
    }
  }

  #list(depth: number): ThriftList {
    const head = this.byte();
    const elementType = head & 0x0f;
    const size = head >>> 4 === 15 ? this.varint() : head >>> 4;
    if (size > this.bytes.length) throw new RangeError('a Thrift list is longer than its bytes');
    const items: ThriftValue[] = [];
    for (let index = 0; index < size; index++) items.push(this.#value(elementType, depth));
    return { elementType, items };
  }

  #take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new RangeError('a Thrift value ends early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** The bytes of a struct, its end included. */
export function encodeThrift(struct: ThriftStruct): Buffer {
  const out = new ByteBuffer(4096);
  writeStruct(out, struct);
  const bytes = out.copy();
  out.free();
  return bytes;
}

function writeStruct(out: ByteBuffer, struct: ThriftStruct): void {
  let last = 0;
  for (const { id, type, value } of struct) {
    const written = typeof value === 'boolean' ? (value ? TRUE : FALSE) : type;
    const delta = id - last;
    if (delta > 0 && delta < 16) out.byte((delta << 4) | written);
    else {
      out.byte(written);
      writeZigzag(out, id);
    }
    last = id;
    if (typeof value !== 'boolean') writeValue(out, type, value);
  }
  out.byte(0);
}

function writeValue(out: ByteBuffer, type: number, value: ThriftValue): void {
  if (typeof value === 'boolean') out.byte(value ? TRUE : FALSE);
  else if (typeof value === 'number') {
    if (type === BYTE) out.byte(value);
    else writeZigzag(out, value);
  } else if (value instanceof Uint8Array) {
    if (type !== DOUBLE) out.varint(value.length);
    out.append(value);
  } else if ('items' in value) {
    const { elementType, items } = value as ThriftList;
    if (items.length < 15) out.byte((items.length << 4) | elementType);
    else {
      out.byte(0xf0 | elementType);
      out.varint(items.length);
    }
    for (const item of items) writeValue(out, elementType, item);
  } else writeStruct(out, value as ThriftStruct);
}

const writeZigzag = (out: ByteBuffer, value: number): void =>
  out.varint(value < 0 ? -2 * value - 1 : 2 * value);
