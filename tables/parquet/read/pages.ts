/**
 * Pages of one column chunk as our encoder writes them: version 1, a dictionary page first where there is one, PLAIN or
 * dictionary-coded values, zstd or nothing. Whoever calls has checked the chunk's hash; what is not ours is refused all
 * the same.
 */

import { zstdDecompressSync } from 'node:zlib';
import { AkashiError } from '../../../schema/error.ts';
import { ENCODING, PAGE } from '../format.ts';
import { bitWidth } from '../rle.ts';

export interface RawPage {
  readonly type: number;
  readonly encoding: number;
  /** Slots of a data page, entries of a dictionary. */
  readonly values: number;
  readonly body: Buffer;
}

/** A page is closed at 1 MiB of values, so it may be larger by one of them. */
const MOST_PAGE_BYTES = 2 ** 30;
const ZSTD_MAGIC = 0xfd2fb528;

export const damagedChunk = (what: string, cause?: unknown) =>
  new AkashiError(
    'DATA_ALTERED',
    `a column of a data file cannot be read: ${what}. Run \`akashi verify --deep\`.`,
    {
      cause,
    },
  );

/** Pages in order, each decompressed when it is come to. Throws DATA_ALTERED. */
export function* pagesOf(chunk: Buffer): Generator<RawPage> {
  const header = new HeaderReader(chunk);
  while (header.at < chunk.length) {
    const { type, uncompressed, compressed, values, encoding } = header.page();
    const stored = chunk.subarray(header.at, header.at + compressed);
    if (stored.length !== compressed || uncompressed > MOST_PAGE_BYTES)
      throw damagedChunk('a page ends early');
    header.at += compressed;
    yield { type, encoding, values, body: bodyOf(stored, uncompressed) };
  }
}

/**
 * Every body of ours begins with a length of four bytes, and none is as long as zstd's magic would say: so it tells
 * which are compressed.
 */
function bodyOf(stored: Buffer, uncompressed: number): Buffer {
  if (stored.length < 4 || stored.readUInt32LE(0) !== ZSTD_MAGIC) {
    if (stored.length !== uncompressed) throw damagedChunk('a page has another length than it says');
    return stored;
  }
  let body: Buffer;
  try {
    body = zstdDecompressSync(stored, { maxOutputLength: Math.max(1, uncompressed) });
  } catch (cause) {
    throw damagedChunk('a page does not decompress', cause);
  }
  if (body.length !== uncompressed) throw damagedChunk('a page has another length than it says');
  return body;
}

/** Reads page headers: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
class HeaderReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  page(): { type: number; uncompressed: number; compressed: number; values: number; encoding: number } {
    const found = { type: -1, uncompressed: -1, compressed: -1, values: -1, encoding: -1 };
    this.#struct((id) => {
      if (id === 1) found.type = this.#zigzag();
      else if (id === 2) found.uncompressed = this.#zigzag();
      else if (id === 3) found.compressed = this.#zigzag();
      else if (id === 5 || id === 7) {
        this.#struct((inner) => {
          const value = this.#zigzag();
          if (inner === 1) found.values = value;
          else if (inner === 2) found.encoding = value;
        });
      } else throw damagedChunk('a page header has a field of no page of ours');
    });
    if (Math.min(found.uncompressed, found.compressed, found.values) < 0)
      throw damagedChunk('a page header is short');
    return found;
  }

  #struct(field: (id: number) => void): void {
    let id = 0;
    for (;;) {
      const byte = this.#byte();
      if (byte === 0) return;
      id += byte >>> 4;
      if (byte >>> 4 === 0) throw damagedChunk('a page header is none of ours');
      field(id);
    }
  }

  #zigzag(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 6; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw damagedChunk('a page header has a number of no page of ours');
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw damagedChunk('a page header ends early');
    return byte;
  }
}

/** The levels at the front of a data page, and where its values begin. */
export interface Levels {
  /** For lists: 0 where a slot begins a row. */
  readonly repetition: Uint8Array | null;
  readonly definition: Uint8Array;
  readonly valuesAt: number;
}

/** Levels of a page of a flat column (`maxDefinition` 1) or of a list (3). */
export function levelsOf({ body, values }: RawPage, isList: boolean): Levels {
  let at = 0;
  const level = (max: number): Uint8Array => {
    if (at + 4 > body.length) throw damagedChunk('a page ends early');
    const length = body.readUInt32LE(at);
    const end = at + 4 + length;
    if (end > body.length) throw damagedChunk('a page ends early');
    const levels = new Uint8Array(values);
    readHybrid(body, at + 4, end, bitWidth(max), levels);
    at = end;
    return levels;
  };
  const repetition = isList ? level(1) : null;
  const definition = level(isList ? 3 : 1);
  return { repetition, definition, valuesAt: at };
}

/** Fills `out` from the RLE / bit-packing hybrid in `[start, end)`. */
export function readHybrid(
  bytes: Buffer,
  start: number,
  end: number,
  width: number,
  out: Uint8Array | Uint32Array,
): void {
  let at = start;
  let filled = 0;
  while (filled < out.length) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw damagedChunk('a run ends early');
      const byte = bytes[at++]!;
      head += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const size = Math.floor(head / 2);
    if (head % 2 === 0) {
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) value |= (bytes[at++] ?? 0) << shift;
      if (at > end || size === 0) throw damagedChunk('a run ends early');
      const to = Math.min(out.length, filled + size);
      out.fill(value, filled, to);
      filled = to;
      continue;
    }
    const packedEnd = at + size * width;
    if (packedEnd > end || size === 0) throw damagedChunk('a run ends early');
    const to = Math.min(out.length, filled + size * 8);
    let held = 0;
    let bits = 0;
    const mask = width === 32 ? -1 : (1 << width) - 1;
    for (; filled < to; filled++) {
      while (bits < width) {
        held |= bytes[at++]! << bits;
        bits += 8;
      }
      out[filled] = held & mask;
      held >>>= width;
      bits -= width;
    }
    at = packedEnd;
  }
}

export const isDictionary = ({ type, encoding }: RawPage): boolean =>
  type === PAGE.DICTIONARY && encoding === ENCODING.PLAIN;
export const isCoded = ({ encoding }: RawPage): boolean => encoding === ENCODING.RLE_DICTIONARY;
