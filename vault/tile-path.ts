/** Where a tile lies within a log: https://c2sp.org/tlog-tiles. */

/** Hashes in a full tile; entries in a full bundle. */
export const TILE_WIDTH = 256;

/**
 * `1234067` → `x001/x234/067`: groups of three digits, all but the last marked by an x. What is no index gives a
 * text that is no path.
 */
export function tileIndexPath(index: number): string {
  if (!Number.isSafeInteger(index) || index < 0) return String(index);
  const groups = [];
  for (let rest = index; ; rest = Math.floor(rest / 1000)) {
    groups.unshift(`${groups.length > 0 ? 'x' : ''}${String(rest % 1000).padStart(3, '0')}`);
    if (rest < 1000) return groups.join('/');
  }
}

/** The inverse; null for anything `tileIndexPath` would not write. */
export function parseTileIndexPath(path: string): number | null {
  if (!/^(?:x\d{3}\/)*\d{3}$/.test(path)) return null;
  const index = Number(path.replaceAll(/[x/]/g, ''));
  return Number.isSafeInteger(index) && tileIndexPath(index) === path ? index : null;
}
