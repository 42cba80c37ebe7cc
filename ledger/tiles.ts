/**
 * Where the tree lies: tiles of 256 hashes and bundles of 256 entries as https://c2sp.org/tlog-tiles lays them out,
 * with `ledger/` as the root of the log.
 */

import { makeKey, parseKey } from '../vault/keys.ts';
import { TILE_WIDTH } from '../vault/tile-path.ts';

export { TILE_WIDTH };

/** Each level of tiles stands this many tree levels above the last: a tile of 256 hashes is a tree of height 8. */
export const TILE_HEIGHT = 8;

/** A tile of a level, or a bundle of entries. */
export interface TileRef {
  readonly level: number | 'entries';
  /** Number within its level. */
  readonly index: number;
  /** 1 … 255: a partial tile; 256: a full one. */
  readonly width: number;
}

/** Key of a tile or bundle: full ones belong in the vault, partial ones in the state store. */
export function tileKey({ level, index, width }: TileRef): string {
  if (level === 'entries') {
    return width === TILE_WIDTH ? makeKey('entries', { index }) : makeKey('partialEntries', { index, width });
  }
  return width === TILE_WIDTH
    ? makeKey('tile', { level, index })
    : makeKey('partialTile', { level, index, width });
}

/** The tile a key names; null for a key that `tileKey` never makes. */
export function parseTileKey(text: string): TileRef | null {
  const key = parseKey(text);
  switch (key?.class) {
    case 'tile':
      return { level: key.level, index: key.index, width: TILE_WIDTH };
    case 'partialTile':
      return { level: key.level, index: key.index, width: key.width };
    case 'entries':
      return { level: 'entries', index: key.index, width: TILE_WIDTH };
    case 'partialEntries':
      return { level: 'entries', index: key.index, width: key.width };
    default:
      return null;
  }
}

/** Prefix of the partial forms of a tile or bundle. */
export const partialPrefix = ({ level, index }: TileRef): string =>
  tileKey({ level, index, width: 1 }).slice(0, -1);

/** Hashes at a level of tiles in a tree of `size` leaves: roots of full subtrees of 256^level leaves. */
export const hashesAt = (size: number, level: number): number => Math.floor(size / TILE_WIDTH ** level);

/** Width of the partial tile at the right edge of a level; 0 means there is none. */
export const partialWidth = (size: number, level: number): number => hashesAt(size, level) % TILE_WIDTH;

/** How many levels of tiles a tree has. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (hashesAt(size, levels) > 0) levels++;
  return levels;
}

/** The tiles and bundles that a growth from one size to another makes or makes wider, level 0 first, bundles last. */
export function grownTiles(oldSize: number, newSize: number): TileRef[] {
  const tiles: TileRef[] = [];
  for (let level = 0; level < levelsOf(newSize); level++) {
    const [before, after] = [hashesAt(oldSize, level), hashesAt(newSize, level)];
    if (before === after) break;
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index++) {
      tiles.push({ level, index, width: Math.min(TILE_WIDTH, after - index * TILE_WIDTH) });
    }
  }
  const bundles = tiles.filter(({ level }) => level === 0);
  return [...tiles, ...bundles.map(({ index, width }): TileRef => ({ level: 'entries', index, width }))];
}
