/** A tile with the inner nodes above its hashes, so that each node of it is computed once. */

import { HASH_BYTES, type Hash, pairHashInto } from './merkle.ts';
import { TILE_HEIGHT } from './tiles.ts';

/** Row r holds the complete nodes of height r above the tile's hashes, one after the other. */
export interface Subtree {
  readonly width: number;
  readonly rows: readonly Uint8Array[];
}

/** `hashes`: 1 … 256 hashes one after the other. */
export function subtreeOf(hashes: Uint8Array): Subtree {
  const rows = [hashes];
  let below = hashes;
  for (let row = 1; row <= TILE_HEIGHT && below.length >= 2 * HASH_BYTES; row++) {
    const count = Math.floor(below.length / (2 * HASH_BYTES));
    const above = Buffer.allocUnsafe(count * HASH_BYTES);
    for (let at = 0; at < count; at++) {
      const pair = below.subarray(at * 2 * HASH_BYTES, (at + 1) * 2 * HASH_BYTES);
      pairHashInto(above, at * HASH_BYTES, pair);
    }
    rows.push(above);
    below = above;
  }
  return { width: hashes.length / HASH_BYTES, rows };
}

/** The `index`-th complete node of height `row` within the tile. */
export function nodeOf(subtree: Subtree, row: number, index: number): Hash {
  const node = subtree.rows[row]?.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  if (node?.length !== HASH_BYTES) throw new RangeError(`no node ${index} at height ${row} of the tile`);
  return node;
}

/** The single node above all hashes of a full tile. */
export const subtreeRoot = (subtree: Subtree): Hash => nodeOf(subtree, TILE_HEIGHT, 0);

/** The perfect subtrees, left to right, that make up the first `width` hashes. */
export function prefixNodes(subtree: Subtree, width = subtree.width): Hash[] {
  const nodes: Hash[] = [];
  let at = 0;
  for (let row = TILE_HEIGHT; row >= 0; row--) {
    const count = 1 << row;
    if ((width & count) === 0) continue;
    nodes.push(nodeOf(subtree, row, at / count));
    at += count;
  }
  return nodes;
}
