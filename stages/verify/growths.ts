/** What the newest seal left in the vault: no entry names it before the next seal, so the head does. */

import { parseKey } from '../../vault/keys.ts';
import type { Claims } from './claims.ts';
import type { Listing } from './objects.ts';
import type { Harm } from './report.ts';

/** Claims it like any object; a head that names what cannot be it is a problem of the head. */
export function claimNewestGrowth(
  key: string | null,
  size: number,
  { objects }: Claims,
  listing: Listing,
  problems: Harm[],
): void {
  if (key === null) return;
  const named = parseKey(key);
  const others = [...listing.keys()].some((other) => other.startsWith(`ledger/growth/${size}-`));
  if (named?.class === 'growth' && named.size === size && (listing.has(key) || !others)) {
    objects.set(key, { key, sha256: named.sha256, part: null, size: null, leaf: size });
    return;
  }
  problems.push({
    code: 'HEAD_DIFFERS',
    key: 'head',
    detail: `it names ${key} as what the newest seal left in the vault, which it is not`,
  });
}
