/** The roots a tree had at earlier sizes, found while its tiles of level 0 pass by once, in order. */

import { appendLeaves, EMPTY_FRONTIER, type Frontier, foldNodes, type Hash } from './merkle.ts';
import { prefixNodes, type Subtree, subtreeRoot } from './subtree.ts';
import { TILE_WIDTH } from './tiles.ts';

export interface RootTrail {
  /** Tile number `index` of level 0, each once and in order; null ends the trail. */
  tile(index: number, subtree: Subtree | null): void;
  /** By size; a size beyond the end of the trail is not among them. */
  readonly roots: ReadonlyMap<number, Hash>;
}

export function rootTrail(sizes: Iterable<number>): RootTrail {
  const waiting = [...new Set(sizes)].filter((size) => size > 0).sort((a, b) => a - b);
  const roots = new Map<number, Hash>();
  let before: Frontier | null = EMPTY_FRONTIER;
  let next = 0;
  return {
    roots,
    tile(index, subtree) {
      if (before === null || subtree === null) {
        before = null;
        return;
      }
      const first = index * TILE_WIDTH;
      for (; next < waiting.length && waiting[next]! <= first + subtree.width; next++) {
        const size = waiting[next]!;
        roots.set(size, foldNodes([...before.nodes, ...prefixNodes(subtree, size - first)]));
      }
      before = subtree.width === TILE_WIDTH ? appendLeaves(before, [subtreeRoot(subtree)]) : null;
    },
  };
}
