/** The footer of a stored file: what it says of its row groups, and a copy of it that lists only some of them. */

import { MAGIC, PHYSICAL } from './format.ts';
import {
  decodeThrift,
  encodeThrift,
  type ThriftList,
  type ThriftStruct,
  type ThriftValue,
} from './thrift-tree.ts';

/** The length of the metadata and the closing magic. */
export const FOOTER_TAIL = 8;

export interface StoredChunk {
  /** The first name of its path: the column it belongs to. */
  readonly column: string;
  /** False for what lies in lists: its counts are of values and not of rows. */
  readonly flat: boolean;
  /** Physical type, as `format.ts` numbers them. */
  readonly type: number;
  /** Of its first page, from the start of the file. */
  readonly offset: number;
  /** Bytes as stored. */
  readonly length: number;
  readonly values: number;
  readonly nulls: number | null;
  /** Text as UTF-8; null where none is kept, and for what lies in lists. */
  readonly min: number | boolean | Uint8Array | null;
  readonly max: number | boolean | Uint8Array | null;
  readonly bloom: { readonly offset: number; readonly length: number } | null;
}

export interface StoredGroup {
  readonly rows: number;
  readonly chunks: readonly StoredChunk[];
}

export interface StoredFooter {
  readonly rows: number;
  readonly groups: readonly StoredGroup[];
  readonly tree: ThriftStruct;
}

// Field numbers of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
const FILE = { rows: 3, groups: 4 } as const;
const GROUP = { columns: 1, rows: 3, ordinal: 7 } as const;
const CHUNK = { metadata: 3, firstIndexField: 4, lastIndexField: 7 } as const;
const META = {
  type: 1,
  path: 3,
  values: 5,
  compressed: 7,
  dataPage: 9,
  dictionaryPage: 11,
  statistics: 12,
  bloomOffset: 14,
  bloomLength: 15,
} as const;
const STATS = { nulls: 3, max: 5, min: 6 } as const;

/** How many bytes at the end of a file are its footer, by the last eight; null when these are not a footer's. */
export function footerLength(tail: Uint8Array): number | null {
  const end = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).subarray(-FOOTER_TAIL);
  if (end.length < FOOTER_TAIL || !end.subarray(4).equals(MAGIC)) return null;
  return end.readUInt32LE(0) + FOOTER_TAIL;
}

/** Reads the metadata, its length and the magic. Throws RangeError for what is no footer. */
export function readFooter(bytes: Uint8Array): StoredFooter {
  if (footerLength(bytes) !== bytes.length)
    throw new RangeError('these bytes are no footer of a Parquet file');
  const { value: tree } = decodeThrift(bytes.subarray(0, -FOOTER_TAIL));
  const groups = structs(field(tree, FILE.groups)).map(
    (group): StoredGroup => ({
      rows: whole(field(group, GROUP.rows)),
      chunks: structs(field(group, GROUP.columns)).map((chunk) =>
        chunkOf(struct(field(chunk, CHUNK.metadata))),
      ),
    }),
  );
  return { rows: whole(field(tree, FILE.rows)), groups, tree };
}

/**
 * The same footer with only these row groups, ascending. What lies outside the chunks, bloom filters and page indexes, is
 * not named any more: a reader that follows those into bytes that are not there would leave rows out.
 */
export function cutFooter({ tree, groups }: StoredFooter, kept: readonly number[]): Buffer {
  const all = structs(field(tree, FILE.groups));
  const cut = kept.map((index, ordinal) => all[index]!.map((part) => cutGroup(part, ordinal)));
  const rows = kept.reduce((sum, index) => sum + groups[index]!.rows, 0);
  const metadata = encodeThrift(
    tree.map((part) => {
      if (part.id === FILE.rows) return { ...part, value: rows };
      if (part.id === FILE.groups) return { ...part, value: { ...(part.value as ThriftList), items: cut } };
      return part;
    }),
  );
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, tail, MAGIC]);
}

function cutGroup(part: ThriftStruct[number], ordinal: number): ThriftStruct[number] {
  if (part.id === GROUP.ordinal) return { ...part, value: ordinal };
  if (part.id !== GROUP.columns) return part;
  const items = structs(part.value).map((chunk) =>
    chunk
      .filter(({ id }) => id < CHUNK.firstIndexField || id > CHUNK.lastIndexField)
      .map((member) => {
        if (member.id !== CHUNK.metadata) return member;
        const value = struct(member.value).filter(
          ({ id }) => id !== META.bloomOffset && id !== META.bloomLength,
        );
        return { ...member, value };
      }),
  );
  return { ...part, value: { ...(part.value as ThriftList), items } };
}

/** What the metadata of a chunk says. Throws RangeError for what is none. */
export function chunkOf(meta: ThriftStruct): StoredChunk {
  const path = list(field(meta, META.path)).map(text);
  const type = whole(field(meta, META.type));
  const statistics = field(meta, META.statistics);
  const bound = (id: number) => {
    const value = statistics === undefined ? undefined : field(struct(statistics), id);
    return path.length === 1 && value instanceof Uint8Array ? decodeBound(type, value) : null;
  };
  const nulls = statistics === undefined ? undefined : field(struct(statistics), STATS.nulls);
  const bloomOffset = field(meta, META.bloomOffset);
  const bloomLength = field(meta, META.bloomLength);
  return {
    column: path[0] ?? '',
    flat: path.length === 1,
    type,
    offset: whole(field(meta, META.dictionaryPage) ?? field(meta, META.dataPage)),
    length: whole(field(meta, META.compressed)),
    values: whole(field(meta, META.values)),
    nulls: typeof nulls === 'number' ? nulls : null,
    min: bound(STATS.min),
    max: bound(STATS.max),
    bloom:
      typeof bloomOffset === 'number' && typeof bloomLength === 'number'
        ? { offset: bloomOffset, length: bloomLength }
        : null,
  };
}

function decodeBound(type: number, bytes: Uint8Array): number | boolean | Uint8Array | null {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === PHYSICAL.BYTE_ARRAY) return bytes;
  if (type === PHYSICAL.BOOLEAN && bytes.length === 1) return bytes[0] === 1;
  if (type === PHYSICAL.INT32 && bytes.length === 4) return data.getInt32(0, true);
  if (type !== PHYSICAL.INT64 || bytes.length !== 8) return null;
  const value = Number(data.getBigInt64(0, true));
  return Number.isSafeInteger(value) ? value : null;
}

function field(fields: ThriftStruct, id: number): ThriftValue | undefined {
  for (const one of fields) if (one.id === id) return one.value;
  return undefined;
}

function whole(value: ThriftValue | undefined): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new RangeError('a footer lacks a number that every footer has');
}

function list(value: ThriftValue | undefined): readonly ThriftValue[] {
  if (typeof value === 'object' && 'items' in value) return value.items;
  throw new RangeError('a footer lacks a list that every footer has');
}

function struct(value: ThriftValue | undefined): ThriftStruct {
  if (Array.isArray(value)) return value as ThriftStruct;
  throw new RangeError('a footer lacks a part that every footer has');
}

const structs = (value: ThriftValue | undefined): readonly ThriftStruct[] => list(value).map(struct);
const text = (value: ThriftValue): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
