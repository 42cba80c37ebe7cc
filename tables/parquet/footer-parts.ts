/**
 * A footer of which only some columns are wanted: it is walked through once for where each chunk is told of, and those
 * that are asked for are decoded. A tenth of the time that decoding all of it takes.
 */

import { CompactBytes } from './compact-bytes.ts';
import { chunkOf, FOOTER_TAIL, footerLength, type StoredChunk } from './stored-footer.ts';
import { decodeThrift, type ThriftStruct } from './thrift-tree.ts';

export interface FooterGroup {
  readonly rows: number;
  /** Where each chunk is told of in the footer, in the order of the schema. */
  readonly starts: Uint32Array;
}

export interface FooterParts {
  /** The footer; for `chunkIn`. */
  readonly bytes: Uint8Array;
  /** The schema as it is encoded: files with equal ones have their chunks in one order. */
  readonly schema: Uint8Array;
  readonly rows: number;
  readonly groups: readonly FooterGroup[];
}

const FILE = { schema: 2, rows: 3, groups: 4 } as const;
const GROUP = { columns: 1, rows: 3 } as const;
const CHUNK_METADATA = 3;

/** Reads the metadata, its length and the magic. Throws RangeError for what is no footer. */
export function readFooterParts(bytes: Uint8Array): FooterParts {
  if (footerLength(bytes) !== bytes.length)
    throw new RangeError('these bytes are no footer of a Parquet file');
  const walk = new Walk(bytes.subarray(0, -FOOTER_TAIL));
  let schema = bytes.subarray(0, 0);
  let rows = 0;
  const groups: FooterGroup[] = [];
  walk.struct((id, type) => {
    if (id === FILE.rows) rows = walk.whole();
    else if (id === FILE.groups) walk.list(() => groups.push(readGroup(walk)));
    else {
      const from = walk.at;
      walk.skip(type);
      if (id === FILE.schema) schema = bytes.subarray(from, walk.at);
    }
  });
  return { bytes, schema, rows, groups };
}

function readGroup(walk: Walk): FooterGroup {
  const starts: number[] = [];
  let rows = 0;
  walk.struct((id, type) => {
    if (id === GROUP.rows) rows = walk.whole();
    else if (id !== GROUP.columns) walk.skip(type);
    else
      walk.list(() => {
        starts.push(walk.at);
        walk.skip(STRUCT);
      });
  });
  return { rows, starts: Uint32Array.from(starts) };
}

/** What a footer says of one chunk, as it stands there and as it is understood. */
export interface ChunkParts {
  readonly metadata: ThriftStruct;
  readonly chunk: StoredChunk;
}

/** Throws RangeError for what is no chunk. */
export function chunkIn({ bytes }: FooterParts, start: number): ChunkParts {
  const { value } = decodeThrift(bytes.subarray(start));
  const metadata = value.find(({ id }) => id === CHUNK_METADATA)?.value;
  if (!Array.isArray(metadata)) throw new RangeError('a footer lacks a part that every footer has');
  return { metadata, chunk: chunkOf(metadata as ThriftStruct) };
}

const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;
const MAX_DEPTH = 32;

/** Steps over values of the compact protocol. */
class Walk extends CompactBytes {
  #depth = 0;

  struct(field: (id: number, type: number) => void): void {
    if (++this.#depth > MAX_DEPTH) throw new RangeError('a Thrift struct is nested too deeply');
    let id = 0;
    for (let head = this.byte(); head !== 0; head = this.byte()) {
      id = head >>> 4 === 0 ? this.zigzag() : id + (head >>> 4);
      field(id, head & 0x0f);
    }
    this.#depth--;
  }

  list(item: (type: number) => void): void {
    const head = this.byte();
    const size = head >>> 4 === 15 ? this.varint() : head >>> 4;
    if (size > this.bytes.length) throw new RangeError('a Thrift list is longer than its bytes');
    for (let index = 0; index < size; index++) item(head & 0x0f);
  }

  whole(): number {
    const value = this.zigzag();
    if (value < 0) throw new RangeError('a footer lacks a number that every footer has');
    return value;
  }

  skip(type: number, inList = false): void {
    switch (type) {
      case 1:
      case 2:
        if (inList) this.at++;
        return;
      case 3:
        this.at++;
        return;
      case 4:
      case 5:
      case 6:
        while (this.byte() >= 0x80);
        return;
      case 7:
        this.at += 8;
        return;
      case BINARY: {
        const length = this.varint();
        this.at += length;
        return;
      }
      case LIST:
      case SET:
        this.list((own) => this.skip(own, true));
        return;
      case STRUCT:
        this.struct((_, own) => this.skip(own));
        return;
      default:
        throw new RangeError(`Thrift type ${type} is not known`);
    }
  }
}
