/** Time-stamps as they lie in the vault: the token, what was asked for it, and what was known of revocation. */

import { accepted, type Outcome, refused } from '../ledger/outcome.ts';
import { checkpointKey, getIfPresent } from '../ledger/store.ts';
import type { Trust } from '../ledger/timestamps/check.ts';
import { checkTimestamp, type Timestamp } from '../ledger/timestamps/check.ts';
import { decodeContext, type StampContext } from '../ledger/timestamps/context.ts';
import { hashBytes } from '../vault/durable-file.ts';
import type { Stores } from '../vault/evidence.ts';
import { makeKey } from '../vault/keys.ts';
import { contextKey, listKey } from './stamp-keys.ts';

export interface KeptStamp {
  readonly size: number;
  /** Where the token lies. */
  readonly key: string;
  readonly reply: Uint8Array;
  readonly context: StampContext;
  /** DER. */
  readonly crls: readonly Uint8Array[];
  /** The checkpoint it should be over. */
  readonly note: Uint8Array;
}

/** The body under a key of the vault; null when nothing is there. */
export type ReadPart = (key: string) => Promise<Uint8Array | null>;

export const readFrom =
  ({ vault }: Pick<Stores, 'vault'>): ReadPart =>
  async (key) =>
    (await getIfPresent(vault, key))?.body ?? null;

/** The time-stamp over the checkpoint of a size; null when there is none, STAMP_INCOMPLETE when a part of it is gone. */
export async function readStamp(read: ReadPart, size: number): Promise<Outcome<KeptStamp> | null> {
  const incomplete = (what: string) => refused('STAMP_INCOMPLETE', `${what} is not there`);
  const key = makeKey('timestamp', { size });
  const reply = await read(key);
  if (reply === null) return null;
  const note = await read(checkpointKey(size));
  if (note === null) return incomplete(`the checkpoint of ${size} entries`);
  const stored = await read(contextKey(size, hashBytes(reply)));
  if (stored === null) return incomplete('what was asked for it');
  const context = decodeContext(stored);
  if (!context.ok) return context;
  const crls: Uint8Array[] = [];
  for (const sha256 of context.value.crls) {
    const list = await read(listKey(sha256));
    if (list === null) return incomplete('a revocation list that was fetched with it');
    crls.push(list);
  }
  return accepted({ size, key, reply, context: context.value, crls, note });
}

/** The fourteen points, with what was asked and known when it was made. */
export const checkKept = (stamp: KeptStamp, trust: Omit<Trust, 'crls'>): Outcome<Timestamp> =>
  checkTimestamp(stamp.reply, { ...stamp.context, data: stamp.note }, { ...trust, crls: stamp.crls });
