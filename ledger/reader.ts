/**
 * Reads a sealed tree. Every tile and entry it gives out has been hashed up to the root it was opened with, so the
 * stores need not be trusted.
 */

import { type Edge, edgeRoot } from './append.ts';
import type { TreeHead } from './checkpoint.ts';
import { damaged, type TileFiles } from './files.ts';
import { foldNodes, type Hash, leafHash, sameHash } from './merkle.ts';
import {
  consistencyRanges,
  hashRanges,
  inclusionRanges,
  type NodeReader,
  perfectNodes,
} from './merkle-proof.ts';
import { nodeOf, type Subtree, subtreeOf, subtreeRoot } from './subtree.ts';
import { hashesAt, levelsOf, partialWidth, TILE_HEIGHT, TILE_WIDTH, tileKey } from './tiles.ts';

/** Full tiles kept, about 16 KiB each. */
const CACHED_TILES = 1024;
/** Bundles asked for ahead of the reader of entries. */
const READ_AHEAD = 4;

export interface NumberedEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Sizes and indexes outside the tree throw RangeError; damage throws LEDGER_DAMAGED or LEDGER_MISSING. */
export interface LedgerReader extends TreeHead {
  /** Tile number `index` of a level. */
  tile(level: number, index: number): Promise<Subtree>;
  /** The entries of bundle number `index`. */
  bundle(index: number): Promise<readonly Uint8Array[]>;
  /** Entries `from` (inclusive) to `to` (exclusive) in order. */
  readEntries(from: number, to: number): AsyncGenerator<NumberedEntry>;
  /** Root of the tree when it had `size` leaves. */
  rootAt(size: number): Promise<Hash>;
  /** Shows that entry `index` is in the tree of `size` leaves, this tree's own size if not given. */
  inclusionProof(index: number, size?: number): Promise<Hash[]>;
  /** Shows that the tree of `oldSize` leaves is the beginning of the one of `newSize`, this tree if not given. */
  consistencyProof(oldSize: number, newSize?: number): Promise<Hash[]>;
  /** What appending needs. */
  edge(): Promise<Edge>;
}

/** Reads the right edge and checks it against the root: LEDGER_DAMAGED when they do not fit. */
export async function openReader(files: TileFiles, head: TreeHead): Promise<LedgerReader> {
  const widths = Array.from({ length: levelsOf(head.size) }, (_, level) => partialWidth(head.size, level));
  const tiles = await Promise.all(
    widths.map((width, level) =>
      width === 0 ? null : files.tile({ level, index: edgeIndex(head.size, level), width }),
    ),
  );
  return readerAt(files, head, tiles);
}

const edgeIndex = (size: number, level: number): number => Math.floor(hashesAt(size, level) / TILE_WIDTH);

function readerAt(
  files: TileFiles,
  { size, root }: TreeHead,
  edgeTiles: readonly (Uint8Array | null)[],
): LedgerReader {
  const edge = edgeTiles.map((tile) => (tile === null || tile.length === 0 ? null : subtreeOf(tile)));
  if (!sameHash(edgeRoot(edge), root)) {
    const keys = edge.flatMap((tile, level) =>
      tile === null ? [] : [tileKey({ level, index: edgeIndex(size, level), width: tile.width })],
    );
    throw damaged(keys.join(', '), `the right edge does not lead to the root sealed for ${size} entries`);
  }
  const cache = new Map<string, Promise<Subtree>>();

  function tile(level: number, index: number): Promise<Subtree> {
    const last = edgeIndex(size, level);
    const atEdge = index === last ? edge[level] : undefined;
    if (atEdge) return Promise.resolve(atEdge);
    if (!(index >= 0 && index < last))
      throw new RangeError(`no tile ${index} at level ${level} of ${size} entries`);
    const key = `${level}/${index}`;
    const found = cache.get(key) ?? fullTile(level, index);
    cache.delete(key);
    cache.set(key, found);
    if (cache.size > CACHED_TILES) cache.delete(cache.keys().next().value!);
    return found;
  }

  async function fullTile(level: number, index: number): Promise<Subtree> {
    try {
      const ref = { level, index, width: TILE_WIDTH };
      const [hashes, parent] = await Promise.all([
        files.tile(ref),
        tile(level + 1, Math.floor(index / TILE_WIDTH)),
      ]);
      const subtree = subtreeOf(hashes);
      if (!sameHash(subtreeRoot(subtree), nodeOf(parent, 0, index % TILE_WIDTH))) {
        throw damaged(tileKey(ref), 'its hashes do not lead to the hash the level above has for it');
      }
      return subtree;
    } catch (error) {
      // A passing failure of the store must not be remembered.
      cache.delete(`${level}/${index}`);
      throw error;
    }
  }

  const node: NodeReader = async ({ height, index }) => {
    const row = height % TILE_HEIGHT;
    const first = index * 2 ** row;
    const subtree = await tile(Math.floor(height / TILE_HEIGHT), Math.floor(first / TILE_WIDTH));
    return nodeOf(subtree, row, (first % TILE_WIDTH) / 2 ** row);
  };

  async function bundle(index: number): Promise<readonly Uint8Array[]> {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    if (!(index >= 0 && width > 0)) throw new RangeError(`no bundle ${index} of ${size} entries`);
    const ref = { level: 'entries', index, width } as const;
    const [entries, leaves] = await Promise.all([files.bundle(ref), tile(0, index)]);
    for (const [at, entry] of entries.entries()) {
      if (sameHash(leafHash(entry), nodeOf(leaves, 0, at))) continue;
      throw damaged(tileKey(ref), `entry ${index * TILE_WIDTH + at} is not the one that was sealed`);
    }
    return entries;
  }

  async function* readEntries(from: number, to: number): AsyncGenerator<NumberedEntry> {
    checkOrder(from, to);
    const ahead: Promise<readonly Uint8Array[]>[] = [];
    const last = Math.ceil(to / TILE_WIDTH);
    let next = Math.floor(from / TILE_WIDTH);
    for (let index = next; index < last && from < to; index++) {
      for (; next < last && next < index + READ_AHEAD; next++) {
        const reading = bundle(next);
        // A failure is thrown where its entries are due, or not at all if the caller stops before.
        reading.catch(() => undefined);
        ahead.push(reading);
      }
      for (const [at, bytes] of (await ahead.shift()!).entries()) {
        const number = index * TILE_WIDTH + at;
        if (number >= from && number < to) yield { index: number, bytes };
      }
    }
  }

  function checkOrder(...counts: readonly number[]): void {
    const ordered = [0, ...counts, size];
    const fits = ordered.every(
      (value, at) => Number.isSafeInteger(value) && (at === 0 || ordered[at - 1]! <= value),
    );
    if (!fits) throw new RangeError(`asked for ${counts.join(' … ')} of ${size} entries`);
  }

  return {
    size,
    root,
    tile,
    bundle,
    readEntries,
    async rootAt(asked) {
      checkOrder(asked);
      return foldNodes(await Promise.all(perfectNodes([0, asked]).map(node)));
    },
    async inclusionProof(index, asked = size) {
      checkOrder(index, index + 1, asked);
      return hashRanges(inclusionRanges(index, asked), node);
    },
    async consistencyProof(oldSize, newSize = size) {
      checkOrder(oldSize, newSize);
      return hashRanges(consistencyRanges(oldSize, newSize), node);
    },
    async edge() {
      const entriesOfEdge = size % TILE_WIDTH === 0 ? [] : await bundle(edgeIndex(size, 0));
      return { size, tiles: edge.map((at) => at?.rows[0] ?? new Uint8Array()), entries: entriesOfEdge };
    },
  };
}
