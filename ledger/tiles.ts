/**
 * Where the tree lies: tiles of 256 hashes and bundles of 256 entries, named as https://c2sp.org/tlog-tiles names
 * them, under `ledger/`. Pure arithmetic and its inverse.
 */

/** Hashes in a full tile, entries in a full bundle; each level of tiles stands 8 tree levels above the last. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** A tile of a level, or a bundle of entries. */
export interface TileRef {
  readonly level: number | 'entries';
  /** Number within its level. */
  readonly index: number;
  /** 1 … 255: a partial tile; 256: a full one. */
  readonly width: number;
}

/** Prefix of all tiles and of all bundles. */
export const TILE_PREFIX = 'ledger/tile/';
export const BUNDLE_PREFIX = 'ledger/entries/';

const MAX_LEVEL = 63;

/** `1234067` → `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!;
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

/** Prefix of the partial forms of a tile or bundle. */
export const partialPrefix = ({ level, index }: TileRef): string =>
  `${level === 'entries' ? BUNDLE_PREFIX : `${TILE_PREFIX}${level}/`}${indexPath(index)}.p/`;

/** Key of a tile or bundle: full ones belong in the vault, partial ones in the state store. */
export function tileKey(ref: TileRef): string {
  const partial = partialPrefix(ref);
  return ref.width === TILE_WIDTH ? partial.slice(0, -'.p/'.length) : `${partial}${ref.width}`;
}

const KEY = /^ledger\/(?:tile\/(0|[1-9]\d?)|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** The tile a key names; null for a key that `tileKey` never makes. */
export function parseTileKey(key: string): TileRef | null {
  const found = KEY.exec(key);
  if (found === null) return null;
  const ref: TileRef = {
    level: found[1] === undefined ? 'entries' : Number(found[1]),
    index: Number(found[2]!.replace(/[x/]/g, '')),
    width: found[3] === undefined ? TILE_WIDTH : Number(found[3]),
  };
  if (!Number.isSafeInteger(ref.index) || (found[3] !== undefined && ref.width >= TILE_WIDTH)) return null;
  if (ref.level !== 'entries' && ref.level > MAX_LEVEL) return null;
  // One name for one tile: superfluous leading groups are no name.
  return tileKey(ref) === key ? ref : null;
}

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
