/** Which checkpoints and time-stamps prove entries. A file by their name is none: each is checked before it is named. */

import { type LogIdentity, openCheckpoint } from '../ledger/checkpoint.ts';
import { sameHash } from '../ledger/merkle.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { CHECKPOINT_PREFIX, checkpointKey, getIfPresent } from '../ledger/store.ts';
import type { Stores } from '../vault/evidence.ts';
import { sizesUnder, TIMESTAMP_PREFIX } from './hold-proofs.ts';

export interface EntryProofs {
  /** Size of the largest signed checkpoint stored; 0 without any. */
  newest(): Promise<number>;
  /** Size of the first signed checkpoint of this ledger that covers an entry; null where there is none. */
  checkpointOver(index: number): Promise<number | null>;
  /** Size of the first such checkpoint with a time-stamp that stands, whoever its authority is. */
  stampOver(index: number): Promise<number | null>;
}

/** `reader`: the ledger that checkpoints must be beginnings of; null where nothing was sealed. */
export async function proofsOf(
  stores: Stores,
  identity: LogIdentity,
  reader: LedgerReader | null,
): Promise<EntryProofs> {
  const sealed = await sizesUnder(stores, CHECKPOINT_PREFIX);
  const stamps = await sizesUnder(stores, TIMESTAMP_PREFIX);
  const read = async (key: string) => (await getIfPresent(stores.vault, key))?.body ?? null;
  const isSigned = remembering(async (size) => {
    const note = await read(checkpointKey(size));
    const opened = note === null ? null : openCheckpoint(note, identity);
    return opened?.ok === true && opened.value.size === size ? opened.value.root : null;
  });
  const isSealed = remembering(async (size) => {
    const root = await isSigned(size);
    if (root === null || reader === null || size > reader.size) return null;
    return sameHash(root, await reader.rootAt(size)) ? root : null;
  });
  const isStamped = remembering(async (size) => {
    if ((await isSealed(size)) === null) return null;
    // Loaded on first use, with the libraries it needs.
    const { checkKept, readStamp } = await import('./kept-stamp.ts');
    const kept = await readStamp(read, size);
    return kept?.ok === true && checkKept(kept.value, { roots: null, policies: [] }).ok ? true : null;
  });
  const firstOver = async (
    sizes: readonly number[],
    index: number,
    isGood: (size: number) => Promise<unknown>,
  ): Promise<number | null> => {
    for (const size of sizes) if (size > index && (await isGood(size)) !== null) return size;
    return null;
  };
  return {
    async newest() {
      for (const size of sealed.toReversed()) if ((await isSigned(size)) !== null) return size;
      return 0;
    },
    checkpointOver: (index) => firstOver(sealed, index, isSealed),
    stampOver: (index) => firstOver(stamps, index, isStamped),
  };
}

/** Asked once of each size. */
function remembering<T>(ask: (size: number) => Promise<T>): (size: number) => Promise<T> {
  const known = new Map<number, Promise<T>>();
  return (size) => {
    const found = known.get(size) ?? ask(size);
    known.set(size, found);
    return found;
  };
}
