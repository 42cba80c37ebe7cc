/**
 * JSON in one spelling (RFC 8785, https://www.rfc-editor.org/rfc/rfc8785): no white space, members ordered by UTF-16
 * code units, numbers and strings as ECMAScript writes them. What has no such spelling is refused, never repaired.
 */

import { accepted, type Outcome, refused } from './outcome.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Deeper values are refused, so that hostile input cannot exhaust the stack. */
export const MAX_JSON_DEPTH = 100;

/**
 * The canonical text of any value. Refused: NaN and infinities, lone surrogates, undefined, functions, symbols,
 * bigints, objects of a class, cycles and anything deeper than MAX_JSON_DEPTH.
 */
export function canonicalJson(value: unknown): Outcome<string> {
  try {
    return accepted(write(value, 0));
  } catch (error) {
    if (error instanceof Unwritable) return refused('JSON_NOT_CANONICAL', error.message);
    throw error;
  }
}

class Unwritable extends Error {}

function write(value: unknown, depth: number): string {
  if (depth > MAX_JSON_DEPTH) throw new Unwritable(`deeper than ${MAX_JSON_DEPTH} levels`);
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isFinite(value)) throw new Unwritable(`${value} is no JSON number`);
      return JSON.stringify(value);
    case 'string':
      return writeString(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
    default:
      throw new Unwritable(`a ${typeof value} is no JSON`);
  }
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw new Unwritable('a text holds half of a surrogate pair');
  return JSON.stringify(value);
}

const writeArray = (values: readonly unknown[], depth: number): string =>
  // Array.from also visits the holes of a sparse array, which are undefined and refused.
  `[${Array.from(values, (value) => write(value, depth + 1)).join(',')}]`;

function writeObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new Unwritable('an object of a class is no JSON');
  const members = value as Readonly<Record<string, unknown>>;
  return `{${Object.keys(members)
    .sort()
    .map((name) => `${writeString(name)}:${write(members[name], depth + 1)}`)
    .join(',')}}`;
}

/** Parses canonical JSON. Refuses any other spelling of it, so that equal values have equal bytes. */
export function parseCanonicalJson(bytes: Uint8Array): Outcome<Json> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return refused('JSON_NOT_CANONICAL', 'no JSON');
  }
  const written = canonicalJson(value);
  if (!written.ok) return written;
  // Also catches duplicate members, white space and bytes that are no UTF-8.
  const same = Buffer.compare(Buffer.from(written.value), bytes) === 0;
  return same ? accepted(value) : refused('JSON_NOT_CANONICAL', 'JSON, but not in canonical form');
}
