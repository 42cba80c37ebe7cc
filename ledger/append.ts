/** Appending in memory: what the right edge of the tree becomes, and every tile and bundle that changes on the way. */

import { encodeBundle } from './bundle.ts';
import { foldNodes, HASH_BYTES, type Hash, leafHashInto } from './merkle.ts';
import { prefixNodes, type Subtree, subtreeOf, subtreeRoot } from './subtree.ts';
import { hashesAt, TILE_WIDTH, type TileRef } from './tiles.ts';

/** The right edge of a tree: all that is not yet in full tiles. */
export interface Edge {
  readonly size: number;
  /** By level, the hashes of the partial tile one after the other; no bytes where there is none. */
  readonly tiles: readonly Uint8Array[];
  /** The entries of the partial bundle. */
  readonly entries: readonly Uint8Array[];
}

export const EMPTY_EDGE: Edge = { size: 0, tiles: [], entries: [] };

export interface TileObject {
  readonly ref: TileRef;
  readonly body: Uint8Array;
}

export interface Growth {
  readonly edge: Edge;
  readonly root: Hash;
  /** As `grownTiles` lists them. */
  readonly objects: readonly TileObject[];
}

/** Root of the tree an edge belongs to. */
export const edgeRoot = (tiles: readonly (Subtree | null)[]): Hash =>
  foldNodes(tiles.toReversed().flatMap((tile) => (tile === null ? [] : prefixNodes(tile))));

/** Adds entries of at most 65,535 bytes each. Reads nothing but the edge. */
export function grow(edge: Edge, entries: readonly Uint8Array[]): Growth {
  const objects: TileObject[] = [];
  const tiles: Uint8Array[] = [];
  let added: Buffer = Buffer.allocUnsafe(entries.length * HASH_BYTES);
  for (const [at, entry] of entries.entries()) leafHashInto(added, at * HASH_BYTES, entry);

  for (let level = 0; added.length > 0 || level < edge.tiles.length; level++) {
    const hashes = Buffer.concat([edge.tiles[level] ?? Buffer.alloc(0), added]);
    const first = Math.floor(hashesAt(edge.size, level) / TILE_WIDTH);
    const roots: Hash[] = [];
    let rest = hashes;
    for (; rest.length >= TILE_WIDTH * HASH_BYTES; rest = rest.subarray(TILE_WIDTH * HASH_BYTES)) {
      const body = rest.subarray(0, TILE_WIDTH * HASH_BYTES);
      objects.push({ ref: { level, index: first + roots.length, width: TILE_WIDTH }, body });
      roots.push(subtreeRoot(subtreeOf(body)));
    }
    if (added.length > 0 && rest.length > 0) {
      const width = rest.length / HASH_BYTES;
      objects.push({ ref: { level, index: first + roots.length, width }, body: rest });
    }
    tiles.push(rest);
    added = Buffer.concat(roots);
  }

  const grown = [...edge.entries, ...entries];
  const firstBundle = Math.floor(edge.size / TILE_WIDTH);
  for (let at = 0; at < grown.length && entries.length > 0; at += TILE_WIDTH) {
    const bundle = grown.slice(at, at + TILE_WIDTH);
    const ref: TileRef = { level: 'entries', index: firstBundle + at / TILE_WIDTH, width: bundle.length };
    objects.push({ ref, body: encodeBundle(bundle) });
  }
  return {
    edge: {
      size: edge.size + entries.length,
      tiles,
      entries: grown.slice(grown.length - (grown.length % TILE_WIDTH)),
    },
    root: edgeRoot(tiles.map((hashes) => (hashes.length === 0 ? null : subtreeOf(hashes)))),
    objects,
  };
}
