/**
 * Reads JSON objects of a known layout without parsing all of them: the members of a few objects are found by their bytes,
 * and what stands in them is remembered by its text. Whatever is unusual is left to JSON.parse, so that no input is read
 * otherwise than by that.
 */

import type { BodyWindow } from './body-window.ts';
import { FragmentCache } from './fragment-cache.ts';

/**
 * Members of an object, at most 31: those of an object are read one by one if it has a layout of its own, others taken as
 * `value`; a `unique` text hardly comes again, and what is `unused` need only be JSON.
 */
export interface MemberShape {
  readonly [name: string]: MemberShape | 'value' | 'unique' | 'unused';
}

/**
 * Values in the order of the shape's members, of an opened one its own such list or null; undefined where the record has none
 * or it is unused. Valid until the next record is read.
 */
export type Members = readonly unknown[];

/** Where each member's value stands. */
export const placesOf = <S extends MemberShape>(shape: S): { readonly [Name in keyof S]: number } =>
  Object.fromEntries(Object.keys(shape).map((name, place) => [name, place])) as Record<keyof S, number>;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** Bytes of a string that is not simply its own text, and its end: quotes, escapes, control characters, non-ASCII. */
const STRING_STOP = new Uint8Array(256).fill(1, 0x80).fill(1, 0, 0x20);
STRING_STOP[QUOTE] = STRING_STOP[BACKSLASH] = 1;

/** Bytes by which the end of a nested value is found. */
const NESTED_STOP = new Uint8Array(256);
for (const byte of [QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, NEWLINE])
  NESTED_STOP[byte] = 1;
const NESTED_STRING_STOP = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, NEWLINE]) NESTED_STRING_STOP[byte] = 1;

/** One for all readers: what it holds is true of any body. */
const fragments = new FragmentCache();

/** `"name":` as words of four bytes, to be compared at once; of the last one the bits in `lastMask` count. */
interface Key {
  readonly length: number;
  readonly words: Int32Array;
  readonly lastMask: number;
}

function keyOf(name: string): Key {
  const key = Buffer.from(`${JSON.stringify(name)}:`);
  const padded = Buffer.concat([key, Buffer.alloc(-key.length & 3)]);
  const words = Int32Array.from({ length: padded.length / 4 }, (_, word) => padded.readInt32LE(word * 4));
  return { length: key.length, words, lastMask: 0xffff_ffff >>> (8 * (padded.length - key.length)) };
}

const REMEMBERED = 0;
const UNIQUE = 1;
const NO_TEXT = 3;

/** An object whose members are read one by one. */
class Opened {
  readonly values: unknown[];
  readonly keys: readonly Key[];
  readonly children: readonly (Opened | null)[];
  /** What to do with a text in its place: one of the numbers below. */
  readonly texts: readonly number[];
  /** Which member came after each one (and first, after the last) when they were read last. */
  readonly next: Uint8Array;

  constructor(shape: MemberShape) {
    const names = Object.keys(shape);
    this.values = names.map(() => undefined);
    this.keys = names.map(keyOf);
    this.texts = Object.values(shape).map((child) =>
      typeof child === 'string' ? (['value', 'unique', 'unused'] as const).indexOf(child) : NO_TEXT,
    );
    this.children = Object.values(shape).map((child) =>
      typeof child === 'string' ? null : new Opened(child),
    );
    this.next = Uint8Array.from([...names, ''], (_, at) => (at + 1) % (names.length + 1));
  }
}

export class MemberReader {
  readonly #top: Opened;
  #window: BodyWindow | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #data: DataView = new DataView(new ArrayBuffer(0));
  #limit = 0;
  readonly #text = (start: number, end: number): unknown => this.#window!.text(start + 1, end - 1);
  readonly #parse = (start: number, end: number): unknown => {
    try {
      return JSON.parse(this.#window!.text(start, end)) as unknown;
    } catch {
      return undefined;
    }
  };

  constructor(shape: MemberShape) {
    this.#top = new Opened(shape);
  }

  /** Of the object read last. */
  get members(): Members {
    return this.#top.values;
  }

  /** Where the object that begins at `start` of the window ends; -1 where JSON.parse has to read it. */
  read(window: BodyWindow, start: number): number {
    const { bytes, length } = window;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#window = window;
    // Words are read up to three bytes beyond a value.
    this.#limit = length - 4;
    return start < this.#limit && bytes[start] === OPEN_BRACE ? this.#readObject(this.#top, start) : -1;
  }

  /** Index after the object, or -1. */
  #readObject(object: Opened, start: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    const { values, children, texts, next } = object;
    values.fill(undefined);
    let seen = 0;
    let last = values.length;
    let at = start + 1;
    for (;;) {
      let member = next[last]!;
      if (!this.#isKey(object, member, at)) {
        member = this.#memberAt(object, at);
        if (member < 0) return -1;
        next[last] = member;
      }
      const bit = 1 << member;
      // Of members of one name JSON.parse takes the last.
      if ((seen & bit) !== 0) return -1;
      seen |= bit;
      last = member;
      at += object.keys[member]!.length;

      const byte = bytes[at]!;
      const from = at;
      let value: unknown;
      if (byte === QUOTE) {
        const kind = texts[member]!;
        if (kind === NO_TEXT) return -1;
        at++;
        while (at < limit && STRING_STOP[bytes[at]!] === 0) at++;
        if (at >= limit || bytes[at] !== QUOTE) return -1;
        at++;
        if (kind === REMEMBERED) value = fragments.value(this.#data, from, at, this.#text);
        else if (kind === UNIQUE) value = this.#text(from, at);
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const child = children[member]!;
        if (child !== null) {
          if (byte !== OPEN_BRACE) return -1;
          at = this.#readObject(child, at);
          if (at < 0) return -1;
          value = child.values;
        } else {
          at = this.#endOfNested(at);
          if (at < 0) return -1;
          value = fragments.value(this.#data, from, at, this.#parse);
          if (value === undefined) return -1;
        }
      } else {
        const literal = this.#literalAt(at);
        if (literal === null || (literal !== NULL && children[member] !== null)) return -1;
        at += literal.bytes.length;
        value = literal.value;
      }
      values[member] = value;

      if (at >= limit) return -1;
      if (bytes[at] === COMMA) {
        at++;
        continue;
      }
      if (bytes[at] !== CLOSE_BRACE) return -1;
      return at + 1;
    }
  }

  #isKey(object: Opened, member: number, at: number): boolean {
    const key = object.keys[member];
    if (key === undefined || at + key.length >= this.#limit) return false;
    const data = this.#data;
    const { words, lastMask } = key;
    const last = words.length - 1;
    for (let word = 0; word < last; word++) {
      if (data.getInt32(at + word * 4, true) !== words[word]) return false;
    }
    return (data.getInt32(at + last * 4, true) & lastMask) === words[last];
  }

  #memberAt(object: Opened, at: number): number {
    for (let member = 0; member < object.keys.length; member++) {
      if (this.#isKey(object, member, at)) return member;
    }
    return -1;
  }

  /** Index after the array or object at `at` if its brackets are paired at all; JSON.parse tells whether it is one. */
  #endOfNested(start: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let depth = 0;
    let at = start;
    while (at < limit) {
      while (at < limit && NESTED_STOP[bytes[at]!] === 0) at++;
      if (at >= limit) return -1;
      const byte = bytes[at]!;
      at++;
      if (byte === QUOTE) {
        for (;;) {
          while (at < limit && NESTED_STRING_STOP[bytes[at]!] === 0) at++;
          if (at >= limit || bytes[at] === NEWLINE) return -1;
          if (bytes[at] === QUOTE) break;
          at += 2;
        }
        at++;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === NEWLINE) {
        return -1;
      } else if (--depth === 0) {
        return at;
      }
    }
    return -1;
  }

  #literalAt(at: number): Literal | null {
    const bytes = this.#bytes;
    if (at >= this.#limit) return null;
    switch (bytes[at]) {
      case 0x74:
        return isAt(bytes, at, TRUE) ? TRUE : null;
      case 0x66:
        return isAt(bytes, at, FALSE) ? FALSE : null;
      case 0x6e:
        return isAt(bytes, at, NULL) ? NULL : null;
      default:
        return null;
    }
  }
}

interface Literal {
  readonly bytes: Uint8Array;
  readonly value: boolean | null;
}

const literal = (value: boolean | null): Literal => ({ bytes: Buffer.from(String(value)), value });
const TRUE = literal(true);
const FALSE = literal(false);
const NULL = literal(null);

function isAt(bytes: Uint8Array, at: number, { bytes: wanted }: Literal): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let index = 1; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}
