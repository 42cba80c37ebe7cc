/**
 * Reads DER (ITU-T X.690) strictly: one spelling for every value, nothing after the end. A general ASN.1 library also
 * reads BER and passes over members it does not know; in a proof every byte must be accounted for.
 */

import { accepted, type Outcome, refused } from '../outcome.ts';

export interface Der {
  /** The identifier octet: class, constructed or not, number. */
  readonly tag: number;
  /** Identifier, length and content. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  readonly children: readonly Der[];
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Numeric, printable, teletex, IA5, visible, universal and BMP strings: any bytes will do. */
const STRINGS = [0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e];
const CONSTRUCTED = 0x20;
const CLASS_MASK = 0xc0;
/** Tokens nest about 15 levels. */
const MAX_DEPTH = 64;

/** Thrown by readers in this folder and caught in `readingDer`; never seen outside. */
export class Malformed extends Error {}

/** What `read` makes of the bytes, or TIMESTAMP_MALFORMED. */
export function readingDer<T>(what: string, bytes: Uint8Array, read: (node: Der) => T): Outcome<T> {
  try {
    return accepted(read(parseDer(bytes)));
  } catch (error) {
    if (error instanceof Malformed) return refused('TIMESTAMP_MALFORMED', `${what}: ${error.message}`);
    throw error;
  }
}

/** Throws Malformed. */
export function parseDer(bytes: Uint8Array): Der {
  const node = nodeAt(bytes, 0, 0);
  if (node.raw.length !== bytes.length) {
    throw new Malformed(`${bytes.length - node.raw.length} bytes follow its end`);
  }
  return node;
}

function nodeAt(bytes: Uint8Array, start: number, depth: number): Der {
  if (depth > MAX_DEPTH) throw new Malformed(`nested deeper than ${MAX_DEPTH} levels`);
  const tag = bytes[start];
  if (tag === undefined) throw new Malformed('it ends early');
  if ((tag & 0x1f) === 0x1f) throw new Malformed('a tag number beyond 30');
  const { length, at } = lengthAt(bytes, start + 1);
  const end = at + length;
  if (end > bytes.length) throw new Malformed('it ends early');
  const content = bytes.subarray(at, end);
  const children: Der[] = [];
  if ((tag & CONSTRUCTED) !== 0) {
    for (let next = 0; next < content.length; ) {
      const child = nodeAt(content, next, depth + 1);
      children.push(child);
      next += child.raw.length;
    }
  }
  if ((tag & CLASS_MASK) === 0) checkUniversal(tag, content);
  return { tag, raw: bytes.subarray(start, end), content, children };
}

function lengthAt(bytes: Uint8Array, at: number): { length: number; at: number } {
  const first = bytes[at];
  if (first === undefined) throw new Malformed('it ends early');
  if (first < 0x80) return { length: first, at: at + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new Malformed('a length that is indefinite or beyond 4 bytes');
  const digits = bytes.subarray(at + 1, at + 1 + count);
  if (digits.length < count) throw new Malformed('it ends early');
  const length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
  if (digits[0] === 0 || length < 0x80) throw new Malformed('a length longer than it need be');
  return { length, at: at + 1 + count };
}

function checkUniversal(tag: number, content: Uint8Array): void {
  const fault = faultOf(tag, content);
  if (fault !== null) throw new Malformed(fault);
}

function faultOf(tag: number, content: Uint8Array): string | null {
  const [first, second = 0] = content;
  switch (tag) {
    case TAG.boolean:
      return content.length === 1 && (first === 0 || first === 0xff) ? null : 'a boolean that is neither';
    case TAG.integer:
    case TAG.enumerated: {
      if (first === undefined) return 'an empty integer';
      const padded = content.length > 1 && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80);
      return padded ? 'an integer longer than it need be' : null;
    }
    case TAG.bitString: {
      const unused = first ?? 8;
      const last = content.length > 1 ? content.at(-1)! : 0;
      if (unused > 7 || (content.length === 1 && unused > 0)) return 'a bit string without a number of bits';
      return (last & ((1 << unused) - 1)) === 0 ? null : 'a bit string with bits beyond its end';
    }
    case TAG.null:
      return content.length === 0 ? null : 'a null that holds something';
    case TAG.oid:
      return isOid(content) ? null : 'an object identifier that is none';
    case TAG.utf8String:
      return isUtf8(content) ? null : 'a text that is not UTF-8';
    case TAG.octetString:
    case TAG.utcTime:
    case TAG.generalizedTime:
    case TAG.sequence:
    case TAG.set:
      return null;
    default:
      return STRINGS.includes(tag) ? null : `the tag 0x${tag.toString(16).padStart(2, '0')}`;
  }
}

function isOid(content: Uint8Array): boolean {
  if (content.length === 0 || content.at(-1)! >= 0x80) return false;
  // No number starts with a digit of zero.
  return content.every((byte, at) => byte !== 0x80 || (at > 0 && content[at - 1]! >= 0x80));
}

function isUtf8(content: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** Takes the members of a sequence or set in order. All methods throw Malformed. */
export interface Members {
  /** The next member, which must have the tag. */
  next(tag: number): Der;
  /** The next member if it has the tag; otherwise it stays the next. */
  optional(tag: number): Der | null;
  /** Throws where a member is left. */
  end(): void;
}

/** Throws Malformed unless the node has the tag. */
export function members(node: Der, tag: number = TAG.sequence): Members {
  if (node.tag !== tag) throw new Malformed(`${named(node.tag)} in place of ${named(tag)}`);
  let at = 0;
  const optional = (wanted: number): Der | null => {
    const child = node.children[at];
    if (child?.tag !== wanted) return null;
    at++;
    return child;
  };
  return {
    optional,
    next(wanted) {
      const child = optional(wanted);
      if (child !== null) return child;
      const found = node.children[at];
      throw new Malformed(
        `${found === undefined ? 'nothing' : named(found.tag)} in place of ${named(wanted)}`,
      );
    },
    end() {
      const left = node.children[at];
      if (left !== undefined) throw new Malformed(`a member too many: ${named(left.tag)}`);
    },
  };
}

function named(tag: number): string {
  const name = Object.entries(TAG).find(([, known]) => known === tag)?.[0];
  return name ?? `tag 0x${tag.toString(16).padStart(2, '0')}`;
}

/** Every member of a sequence or set of one kind. */
export function allOf(node: Der, tag: number, childTag: number): readonly Der[] {
  if (node.tag !== tag) throw new Malformed(`${named(node.tag)} in place of ${named(tag)}`);
  const other = node.children.find((child) => child.tag !== childTag);
  if (other !== undefined) throw new Malformed(`${named(other.tag)} in place of ${named(childTag)}`);
  return node.children;
}

/** An integer of any length. */
export function integerOf({ content }: Pick<Der, 'content'>): bigint {
  const value = BigInt(`0x${Buffer.from(content).toString('hex') || '0'}`);
  return (content[0] ?? 0) < 0x80 ? value : value - (1n << BigInt(8 * content.length));
}

/** An integer that is small; Malformed for one that is not. */
export function smallIntegerOf(node: Pick<Der, 'content'>): number {
  // Context-specific tags hide the type, so that nothing checked it yet.
  const fault = faultOf(TAG.integer, node.content);
  if (fault !== null) throw new Malformed(fault);
  if (node.content.length > 6) throw new Malformed('an integer beyond all bounds');
  return Number(integerOf(node));
}

/** `1.2.840.113549`. */
export function oidOf({ content }: Der): string {
  const numbers: bigint[] = [];
  let value = 0n;
  for (const byte of content) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0n;
    }
  }
  const [first = 0n, ...rest] = numbers;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,5}[1-9]|\d{6,}[1-9]))?Z$/;

/** Microseconds since 1970-01-01T00:00:00Z of a time as RFC 3161 writes it: seconds, a fraction without idle zeros, Z. */
export function generalizedTimeOf({ content }: Der): number {
  const text = Buffer.from(content).toString('latin1');
  const found = GENERALIZED_TIME.exec(text);
  if (found === null) throw new Malformed(`${JSON.stringify(text.slice(0, 40))} is no time`);
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const millis = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  const written = new Date(millis).toISOString().replaceAll(/[-T:]/g, '').slice(0, 14);
  // 30 February and the second 60 are other times than they say.
  if (!text.startsWith(written)) throw new Malformed(`there is no time ${JSON.stringify(text.slice(0, 40))}`);
  return millis * 1000 + Number((found[7] ?? '').padEnd(6, '0').slice(0, 6));
}
