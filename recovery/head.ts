/** The state store made again from a sealed tree: everything that a writer needs, the head last. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { sameHash } from '../ledger/merkle.ts';
import { publish, readPublished, write } from '../ledger/publish.ts';
import { tileKey } from '../ledger/tiles.ts';
import { AkashiError } from '../schema/error.ts';
import { HEAD_FORMAT, type Head, readHead, swapHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { HEAD_KEY } from '../vault/keys.ts';
import type { History } from './history.ts';
import type { SealedTree } from './sealed-tree.ts';

/** What is left of the head: `none`, one that cannot be read, one older or as new as the vault, or a newer one. */
export type HeadLeft = 'none' | 'unreadable' | 'older' | 'same' | 'newer';

export interface LeftHead {
  readonly left: HeadLeft;
  /** To swap it by. */
  readonly version: string | null;
}

/** Throws LAKE_NEWER rather than replace a head of a later version. */
export async function headLeft({ state }: Stores, tree: SealedTree): Promise<LeftHead> {
  const version = (await state.stat(HEAD_KEY))?.version ?? null;
  if (version === null) return { left: 'none', version };
  let head: Head;
  try {
    ({ head } = await readHead(state));
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'HEAD_DAMAGED') return { left: 'unreadable', version };
    throw error;
  }
  const size = Number(head.checkpoint?.split('\n')[1] ?? 0);
  if (!Number.isSafeInteger(size)) return { left: 'unreadable', version };
  const left = size > tree.checkpoint.size ? 'newer' : size < tree.checkpoint.size ? 'older' : 'same';
  return { left, version };
}

/** The head as the seal of this tree left it: the ledger's entries say all of it. */
export function headOf({ checkpoint, growth }: SealedTree, { claims, seals }: History): Head {
  return {
    format: HEAD_FORMAT,
    sequence: seals.length,
    tables: Object.fromEntries(claims.metadata) as Head['tables'],
    checkpoint: Buffer.from(checkpoint.note).toString('utf8'),
    tails: Object.fromEntries(claims.tails),
    index: Object.fromEntries(claims.index),
    growth,
  };
}

/**
 * Partial tiles, newest entries and the published checkpoint. Until the head is there too nobody can write: a lake
 * with checkpoints and no head is refused. Throws LEDGER_ROLLED_BACK, LEDGER_FORKED.
 */
export async function publishTree(stores: Stores, log: LogIdentity, tree: SealedTree): Promise<void> {
  const { checkpoint, edge } = tree;
  const published = await readPublished(stores, log);
  if (published !== null && published.size > checkpoint.size)
    throw new AkashiError(
      'LEDGER_ROLLED_BACK',
      `The state store has a checkpoint of ${published.size} entries, and the newest in the vault is of ${checkpoint.size}: ` +
        'it was removed there. Nothing was written. Restore it from a copy.',
    );
  if (published?.size === checkpoint.size && !sameHash(published.root, checkpoint.root))
    throw new AkashiError(
      'LEDGER_FORKED',
      `State store and vault have signed checkpoints of ${checkpoint.size} entries with different roots. Nothing was written.`,
    );
  // What somebody altered, or left of another lake, gives way: these are copies of what the vault has.
  for (const { ref, body } of edge) await withoutOther(stores, tileKey(ref), body);
  await write(stores, edge, checkpoint);
  await publish(stores, log, checkpoint);
}

async function withoutOther({ state }: Stores, key: string, body: Uint8Array): Promise<void> {
  if ((await state.stat(key)) === null) return;
  if (Buffer.compare((await state.get(key)).body, body) !== 0) await state.remove(key);
}

/** The commit point of a rebuild. Throws STORE_CHANGED when somebody else wrote a head meanwhile. */
export async function putHead({ state }: Stores, head: Head, version: string | null): Promise<void> {
  await swapHead(state, head, version);
}
