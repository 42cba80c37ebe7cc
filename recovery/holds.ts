/** Who holds what, made again from the ledger's entries of holds. */

import type { DraftOf } from '../ledger/entry.ts';
import { AkashiError } from '../schema/error.ts';
import type { Stores } from '../vault/evidence.ts';
import { type DueRelease, type HoldsRecord, type PlacedHold, readHolds, swapHolds } from '../vault/holds.ts';
import { HOLDS_KEY, makeKey, parseKey } from '../vault/keys.ts';

/**
 * The record as entries say it. Nothing of it counts as settled: whoever settles holds next tells the store of every
 * object again, held and released alike.
 */
export function holdsOf(entries: readonly DraftOf<'hold'>[]): HoldsRecord {
  let holds: PlacedHold[] = [];
  const releases: DueRelease[] = [];
  for (const facts of entries) {
    if (facts.action === 'place') {
      holds.push({ facts, settled: false });
      continue;
    }
    const lists = holds.filter((hold) => hold.facts.case === facts.case);
    holds = holds.filter((hold) => hold.facts.case !== facts.case);
    releases.push({ facts, lists: [...new Set(lists.map((hold) => hold.facts.objectsSha256))] });
  }
  const latest = entries.reduce((last, { at }) => Math.max(last, at), 0);
  return { format: 1, holds, releases, proofsAt: 0, latest };
}

/** Puts the record where none is, or none that can be read. Resolves to how many cases hold something; null where one is there. */
export async function rebuildHolds(
  { state }: Stores,
  entries: readonly DraftOf<'hold'>[],
): Promise<number | null> {
  let version: string | null;
  try {
    ({ version } = await readHolds(state));
    if (version !== null) return null;
  } catch (error) {
    if (!(error instanceof AkashiError && error.code === 'HOLDS_DAMAGED')) throw error;
    version = (await state.stat(HOLDS_KEY))?.version ?? null;
  }
  if (entries.length === 0 && version === null) return 0;
  const record = holdsOf(entries);
  await swapHolds(state, record, version);
  return new Set(record.holds.map(({ facts }) => facts.case)).size;
}

/** Lists of objects that somebody placed a hold on, and no entry names: its record waited and was lost. */
export async function unnamedLists(
  { vault }: Stores,
  entries: readonly DraftOf<'hold'>[],
): Promise<string[]> {
  const named = new Set(entries.map(({ objectsSha256 }) => makeKey('holdList', { sha256: objectsSha256 })));
  const unnamed: string[] = [];
  for await (const { key } of vault.list('holds/'))
    if (parseKey(key)?.class === 'holdList' && !named.has(key)) unnamed.push(key);
  return unnamed;
}
