/** One column chunk: pages behind their headers, compressed where that can pay, hashed as a whole. */

import { createHash, hash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { CODEC, type Codec, ENCODING, type Encoding, PAGE, type PageType } from './format.ts';
import { ThriftWriter } from './thrift.ts';

/** A chunk smaller than this is stored as it is: a call of zstd costs some 40 µs and would save next to nothing. */
const MIN_COMPRESSED_BYTES = 512;

/**
 * How much work compressing may take. `fast`: level 1, looking back 256 KiB (instead of 512 that takes a sixth less time,
 * for half a percent more bytes). `small`: a tenth fewer bytes for three to four times the work.
 */
export type Effort = 'fast' | 'small';

const ZSTD: Readonly<Record<Effort, { readonly level: number; readonly windowLog: number }>> = {
  fast: { level: 1, windowLog: 18 },
  small: { level: 9, windowLog: 22 },
};

/** A page that shrinks to no less than this is nearly random: ids, times, addresses. */
const RANDOM_SHARE = 0.3;
/**
 * For such pages: what little repeats (a value's length, a time's upper bytes) is found by weighing every step, while a
 * search for long repetitions finds chance ones that cost more than they save. A fourteenth less for ids.
 */
const OPTIMAL: Readonly<Record<number, number>> = {
  [constants.ZSTD_c_compressionLevel]: 13,
  [constants.ZSTD_c_strategy]: constants.ZSTD_btopt,
  [constants.ZSTD_c_searchLog]: 1,
  [constants.ZSTD_c_minMatch]: 4,
  [constants.ZSTD_c_hashLog]: 14,
  [constants.ZSTD_c_chainLog]: 14,
};

export interface PageCount {
  readonly type: PageType;
  readonly encoding: Encoding;
  readonly count: number;
}

export interface EncodedChunk {
  readonly pieces: readonly Uint8Array[];
  /** Bytes of all pages with their headers, as stored. */
  readonly length: number;
  /** The same before compression. */
  readonly uncompressedLength: number;
  readonly codec: Codec;
  /** Where the first data page starts; a dictionary page, if any, comes before it at 0. */
  readonly dataPageOffset: number;
  readonly pages: readonly PageCount[];
  readonly sha256: string;
}

interface Page {
  readonly type: PageType;
  readonly encoding: Encoding;
  readonly values: number;
  readonly body: Uint8Array;
}

/** Takes the dictionary page first, if there is one, then data pages. */
export class ChunkWriter {
  readonly #effort: Effort;
  readonly #pieces: Uint8Array[] = [];
  /** Pages of a chunk that may yet prove too small to compress; null once it has not. */
  #held: Page[] | null = [];
  #heldBytes = 0;
  #length = 0;
  #uncompressedLength = 0;
  #dataPageOffset = 0;
  readonly #counts = new Map<string, { type: PageType; encoding: Encoding; count: number }>();

  constructor(effort: Effort = 'fast') {
    this.#effort = effort;
  }

  /** `body` is read before this returns. */
  page(type: PageType, encoding: Encoding, values: number, body: Uint8Array): void {
    const key = `${type}/${encoding}`;
    const counted = this.#counts.get(key);
    if (counted) counted.count++;
    else this.#counts.set(key, { type, encoding, count: 1 });

    if (this.#held === null) {
      this.#write({ type, encoding, values, body }, CODEC.ZSTD);
      return;
    }
    this.#heldBytes += body.length;
    if (this.#heldBytes < MIN_COMPRESSED_BYTES) {
      this.#held.push({ type, encoding, values, body: Buffer.copyBytesFrom(body) });
      return;
    }
    for (const page of this.#held) this.#write(page, CODEC.ZSTD);
    this.#held = null;
    this.#write({ type, encoding, values, body }, CODEC.ZSTD);
  }

  finish(): EncodedChunk {
    const codec = this.#held === null ? CODEC.ZSTD : CODEC.UNCOMPRESSED;
    for (const page of this.#held ?? []) this.#write(page, codec);
    return {
      pieces: this.#pieces,
      length: this.#length,
      uncompressedLength: this.#uncompressedLength,
      codec,
      dataPageOffset: this.#dataPageOffset,
      pages: [...this.#counts.values()],
      sha256: sha256Of(this.#pieces, this.#length),
    };
  }

  #write({ type, encoding, values, body }: Page, codec: Codec): void {
    const stored = codec === CODEC.ZSTD ? compress(body, this.#effort) : body;
    const header = pageHeader(type, encoding, values, body.length, stored.length);
    this.#pieces.push(header, stored);
    this.#length += header.length + stored.length;
    this.#uncompressedLength += header.length + body.length;
    if (type === PAGE.DICTIONARY) this.#dataPageOffset = this.#length;
  }
}

/** Hashing at one go is cheaper for little, joining the pieces is dearer for much. */
function sha256Of(pieces: readonly Uint8Array[], length: number): string {
  if (length < 1 << 14) return hash('sha256', Buffer.concat(pieces, length), 'hex');
  const sha256 = createHash('sha256');
  for (const piece of pieces) sha256.update(piece);
  return sha256.digest('hex');
}

function compress(body: Uint8Array, effort: Effort): Buffer {
  const { level, windowLog } = ZSTD[effort];
  const stored = zstd(body, {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_windowLog]: windowLog,
  });
  if (effort === 'fast' || stored.length < body.length * RANDOM_SHARE) return stored;
  const optimal = zstd(body, OPTIMAL);
  return optimal.length < stored.length ? optimal : stored;
}

function zstd(body: Uint8Array, params: Record<number, number>): Buffer {
  return zstdCompressSync(body, {
    params,
    // Room for nearly all that logs compress to: one call does it, and V8 sees little memory to collect for.
    chunkSize: Math.max(constants.Z_MIN_CHUNK, (body.length >>> 2) + 512),
  });
}

function pageHeader(
  type: PageType,
  encoding: Encoding,
  values: number,
  uncompressedLength: number,
  storedLength: number,
): Buffer {
  const out = new ThriftWriter();
  out.i32(1, type);
  out.i32(2, uncompressedLength);
  out.i32(3, storedLength);
  if (type === PAGE.DICTIONARY) {
    out.struct(7, () => {
      out.i32(1, values);
      out.i32(2, encoding);
    });
  } else {
    out.struct(5, () => {
      out.i32(1, values);
      out.i32(2, encoding);
      out.i32(3, ENCODING.RLE); // definition levels
      out.i32(4, ENCODING.RLE); // repetition levels
    });
  }
  return out.finish();
}
