/**
 * What stored objects claim a tile to hold. A hash is claimed twice: by the tile, and by what lies below it. Where
 * the two differ, the root decides which combination is the one that was sealed.
 */

import { HASH_BYTES, type Hash, sameHash } from './merkle.ts';
import { subtreeOf, subtreeRoot } from './subtree.ts';

/** One hash of a tile: every value claimed for it, the tile's own first. Empty: nothing readable claims any. */
export type Slot = readonly Hash[];

/** Combinations tried for one tile; a handful of damaged hashes is told apart, wholesale damage need not be. */
const MAX_TRIES = 1 << 12;

export const hashAt = (hashes: Uint8Array, index: number): Hash =>
  hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);

export function slotOf(...claims: readonly (Hash | null | undefined)[]): Slot {
  const slot: Hash[] = [];
  for (const claim of claims) {
    if (claim?.length === HASH_BYTES && !slot.some((known) => sameHash(known, claim))) slot.push(claim);
  }
  return slot;
}

/** The contents that need no mixing: each slot's first claim, and each slot's last. */
function plainContents(slots: readonly Slot[]): Uint8Array[] {
  if (slots.some((slot) => slot.length === 0)) return [];
  const first = Buffer.concat(slots.map((slot) => slot[0]!));
  return slots.every((slot) => slot.length === 1)
    ? [first]
    : [first, Buffer.concat(slots.map((slot) => slot.at(-1)!))];
}

/** Roots a full tile may have by its plain contents: claims for the tile above. */
export const claimedRoots = (slots: readonly Slot[]): Hash[] =>
  plainContents(slots).map((content) => subtreeRoot(subtreeOf(content)));

/** The combination of claims that `isSealed` accepts; null when none tried does. */
export function resolveSlots(
  slots: readonly Slot[],
  isSealed: (content: Uint8Array) => boolean,
): Uint8Array | null {
  for (const content of plainContents(slots)) if (isSealed(content)) return content;
  const open = slots.flatMap((slot, at) => (slot.length > 1 ? [at] : []));
  if (open.length < 2 || slots.some((slot) => slot.length === 0)) return null;
  const content = Buffer.concat(slots.map((slot) => slot[0]!));
  const choice = open.map(() => 0);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    let digit = 0;
    for (; digit < open.length; digit++) {
      const slot = slots[open[digit]!]!;
      choice[digit] = (choice[digit]! + 1) % slot.length;
      content.set(slot[choice[digit]!]!, open[digit]! * HASH_BYTES);
      if (choice[digit] !== 0) break;
    }
    if (digit === open.length) return null;
    if (isSealed(content)) return content;
  }
  return null;
}
