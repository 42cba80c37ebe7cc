/**
 * A pack: the needle index of some data files in one object, cut into shards by the upper bits of the fingerprint, so that
 * whoever seeks one value reads its directory and one shard. The directory, at the end, has the hash of every shard and
 * is itself known by its hash: nothing is believed that is not what was written.
 */

import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AkashiError } from '../../schema/error.ts';
import { Pairs } from './pairs.ts';
import { PRINT_BITS } from './print.ts';
import { encodeShard, readShard } from './shard.ts';

/** Pairs of fingerprint and row group in a shard, about: some 20 KB. */
const SHARD_PAIRS = 16_384;
const MOST_SHARDS = 4_096;
/** A directory names files: tens of thousands at most. */
const MOST_DIRECTORY_BYTES = 1 << 28;
const FORMAT = 3;
export const PRINTS = 2 ** PRINT_BITS;

export interface IndexedFile {
  /** Key of the data file. */
  readonly key: string;
  readonly rowGroups: number;
}

/** What a pack is made from: a file's part, or another pack. */
export interface Source {
  readonly files: readonly IndexedFile[];
  /** Pairs of fingerprint and row group. */
  readonly pairs: number;
  /** Hands over those of fingerprints in [from, to), with the row group's number counted over all files. */
  read(from: number, to: number, take: (print: number, group: number) => void): Promise<void>;
}

export interface Directory {
  readonly table: string;
  readonly files: readonly IndexedFile[];
  readonly groups: number;
  readonly pairs: number;
  /** Of each shard in the order of fingerprints, one after another from the object's start. */
  readonly shards: readonly { readonly offset: number; readonly length: number; readonly sha256: string }[];
}

export interface PackBytes {
  readonly pieces: readonly Uint8Array[];
  readonly directory: { readonly offset: number; readonly length: number; readonly sha256: string };
  readonly groups: number;
  readonly pairs: number;
  readonly files: number;
  readonly bytes: number;
}

const groupsOf = (files: readonly IndexedFile[]): number =>
  files.reduce((sum, { rowGroups }) => sum + rowGroups, 0);

/** Merges sources into one pack, leaving out the files that `keep` refuses. Null when nothing is left. */
export async function buildPack(
  table: string,
  sources: readonly Source[],
  keep: (file: IndexedFile) => boolean = () => true,
): Promise<PackBytes | null> {
  const files: IndexedFile[] = [];
  let groups = 0;
  // Number of each source's row groups in the new pack, -1 for those left out.
  const renumbered = sources.map((source) => {
    const numbers = new Int32Array(groupsOf(source.files));
    let at = 0;
    for (const file of source.files) {
      const kept = keep(file);
      for (let group = 0; group < file.rowGroups; group++) numbers[at++] = kept ? groups++ : -1;
      if (kept) files.push(file);
    }
    return numbers;
  });
  if (files.length === 0) return null;
  const estimate = sources.reduce((sum, { pairs }) => sum + pairs, 0);
  const count = Math.min(MOST_SHARDS, 2 ** Math.ceil(Math.log2(Math.max(1, estimate / SHARD_PAIRS))));
  const span = PRINTS / count;
  const pieces: Uint8Array[] = [];
  const table32 = Buffer.alloc(count * SHARD_ENTRY);
  const gathered = new Pairs();
  let offset = 0;
  let pairs = 0;
  for (let shard = 0; shard < count; shard++) {
    const from = shard * span;
    for (const [index, source] of sources.entries()) {
      const numbers = renumbered[index]!;
      await source.read(from, from + span, (print, group) => {
        const number = numbers[group] ?? -1;
        if (number >= 0) gathered.add(print, number);
      });
    }
    const sorted = gathered.takeSorted(from, span);
    const bytes = encodeShard(sorted, groups, from, span);
    table32.writeUInt32LE(bytes.length, shard * SHARD_ENTRY);
    table32.write(hash('sha256', bytes, 'hex'), shard * SHARD_ENTRY + 4, 'hex');
    pieces.push(bytes);
    offset += bytes.length;
    pairs += sorted.count;
  }
  const directory = zstdCompressSync(
    JSON.stringify({
      format: FORMAT,
      table,
      groups,
      pairs,
      shards: table32.toString('base64'),
      files: files.map(({ key, rowGroups }) => [key, rowGroups]),
    }),
  );
  pieces.push(directory);
  return {
    pieces,
    directory: { offset, length: directory.length, sha256: hash('sha256', directory, 'hex') },
    groups,
    pairs,
    files: files.length,
    bytes: offset + directory.length,
  };
}

/** Length and hash of a shard, in a directory. */
const SHARD_ENTRY = 4 + 32;

/** Reads a directory whose hash was found right. Throws INDEX_DAMAGED for what no version up to this one wrote. */
export function parseDirectory(bytes: Uint8Array): Directory {
  try {
    const text = zstdDecompressSync(bytes, { maxOutputLength: MOST_DIRECTORY_BYTES }).toString();
    const { format, table, groups, pairs, shards, files } = JSON.parse(text) as {
      format: number;
      table: string;
      groups: number;
      pairs: number;
      shards: string;
      files: [string, number][];
    };
    if (format !== FORMAT) throw new Error(`format ${format}`);
    const entries = Buffer.from(shards, 'base64');
    let offset = 0;
    const listed = Array.from({ length: entries.length / SHARD_ENTRY }, (_, shard) => {
      const length = entries.readUInt32LE(shard * SHARD_ENTRY);
      const start = shard * SHARD_ENTRY + 4;
      offset += length;
      return { offset: offset - length, length, sha256: entries.toString('hex', start, start + 32) };
    });
    return {
      table,
      groups,
      pairs,
      shards: listed,
      files: files.map(([key, rowGroups]) => ({ key, rowGroups })),
    };
  } catch (cause) {
    throw new AkashiError('INDEX_DAMAGED', 'the directory of a needle index cannot be read', { cause });
  }
}

/** A pack as a source; `range` reads bytes of the object. Throws INDEX_DAMAGED for a shard that is not what was written. */
export function packSource(
  directory: Directory,
  range: (start: number, end: number) => Promise<Uint8Array>,
): Source {
  const { files, groups, pairs, shards } = directory;
  const span = PRINTS / shards.length;
  let last: { shard: number; bytes: Uint8Array } | null = null;
  const shardBytes = async (shard: number): Promise<Uint8Array> => {
    if (last?.shard === shard) return last.bytes;
    const { offset, length, sha256 } = shards[shard]!;
    const bytes = await range(offset, offset + length);
    if (hash('sha256', bytes, 'hex') !== sha256)
      throw new AkashiError('INDEX_DAMAGED', 'a part of the needle index is not what was written');
    last = { shard, bytes };
    return bytes;
  };
  return {
    files,
    pairs,
    async read(from, to, take) {
      for (let shard = Math.floor(from / span); shard * span < to; shard++) {
        readShard(await shardBytes(shard), groups, shard * span, span, take, { from, to });
      }
    },
  };
}

/** The part of one data file: its fingerprints by row group, as made while it was written. */
export interface FilePart {
  readonly rowGroups: number;
  readonly pairs: number;
  /** One shard over all fingerprints. */
  readonly bytes: Uint8Array;
}

export function encodePart(rowGroups: readonly Uint32Array[]): FilePart {
  const gathered = new Pairs();
  for (const [group, prints] of rowGroups.entries()) for (const print of prints) gathered.add(print, group);
  const sorted = gathered.takeSorted(0, PRINTS);
  const bytes = encodeShard(sorted, rowGroups.length, 0, PRINTS);
  return { rowGroups: rowGroups.length, pairs: sorted.count, bytes };
}

export function partSource(key: string, { rowGroups, pairs, bytes }: FilePart): Source {
  const prints = new Uint32Array(pairs);
  const groups = new Uint16Array(rowGroups === 1 ? 0 : pairs);
  let at = 0;
  let lists = 0;
  let last = -1;
  readShard(bytes, rowGroups, 0, PRINTS, (print, group) => {
    if (print < last) lists = lists === 0 ? at : lists;
    last = print;
    prints[at] = print;
    if (rowGroups > 1) groups[at] = group;
    at++;
  });
  // Single ones first, then those with lists: two ascending runs.
  const runs =
    lists === 0
      ? [[0, pairs] as const]
      : ([
          [0, lists],
          [lists, pairs],
        ] as const);
  return {
    files: [{ key, rowGroups }],
    pairs,
    async read(from, to, take) {
      for (const [start, end] of runs) {
        for (let place = lowerBound(prints, start, end, from); place < end && prints[place]! < to; place++)
          take(prints[place]!, rowGroups === 1 ? 0 : groups[place]!);
      }
    },
  };
}

function lowerBound(sorted: Uint32Array, start: number, end: number, value: number): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
