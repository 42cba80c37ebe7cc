/** The end of every seal: ledger entries, staging bundle, swap of the head, tiles. */

import { type Draft, type Entry, encodeEntry } from '../ledger/entry.ts';
import { encodeGrowth, firstUncovered, type GrownRows } from '../ledger/growth.ts';
import type { Ledger } from '../ledger/log.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { hasCode } from '../ledger/store.ts';
import { linkEntries, streamOf } from '../ledger/stream.ts';
import { TILE_WIDTH } from '../ledger/tiles.ts';
import { HEAD_FORMAT, type Head, readHead, swapHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { parseKey } from '../vault/keys.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { followHead } from './catalogue.ts';
import { checkHead } from './head-check.ts';
import { sealDraft } from './ledger.ts';

/** Where a seal begins: the head, the version to swap it by, and the log that it commits to. */
export interface Opened {
  readonly head: Head;
  readonly version: string | null;
  readonly log: LedgerReader;
}

/** Finishes what an earlier writer left, and reads where the lake stands. Throws as `Ledger.recover` does. */
export async function openHead({ state }: Stores, ledger: Ledger): Promise<Opened> {
  let current = await readHead(state);
  const log = await ledger.recover(async () => {
    current = await readHead(state);
    return checkpointBytes(current.head);
  });
  return { ...current, log };
}

export interface Committed {
  readonly head: Head;
  readonly checkpoint: { readonly size: number; readonly root: string };
}

/** What a seal changes in the head. */
export interface Change extends Pick<Head, 'tables' | 'index'> {
  /** Rows of this seal that nothing else says: they go into the vault once more, apart from their files. */
  readonly rows?: readonly GrownRows[];
}

/**
 * Makes tables and entries visible, all at once. `onSwapped` is called between the swap and what recovery could do as
 * well. Throws STORE_CHANGED when another writer was first, HEAD_DAMAGED rather than build on what was altered.
 */
export async function commit(
  stores: Stores,
  ledger: Ledger,
  { head, version, log }: Opened,
  { tables, index, rows = [] }: Change,
  drafts: readonly Draft[],
  onSwapped: () => void = () => {},
): Promise<Committed> {
  const grownFrom = checkpointBytes(head);
  const all = grownFrom === null ? drafts : [...drafts, sealDraft(log.size, grownFrom, head.growth)];
  await checkHead(log, head, all.map(streamOf));
  const { entries, tails } = linkEntries(all, log.size, new Map(Object.entries(head.tails)));
  const prepared = await ledger.prepare(entries.map(encodeEntry));
  await ledger.stage(prepared);
  const growth = await growthOf(head, log, entries.map(textOf), rows);
  await stores.vault.putIfAbsent(growth.key, growth.body, WRITE_KINDS.growth);
  // All is durable and unseen. A crash before the swap leaves orphans that the next run names alike or never asks for.
  const next: Head = {
    format: HEAD_FORMAT,
    sequence: head.sequence + 1,
    tables,
    checkpoint: Buffer.from(prepared.checkpointNote).toString('utf8'),
    tails: Object.fromEntries(tails),
    index,
    growth: growth.key,
  };
  await swapHead(stores.state, next, version);
  onSwapped();
  // Sealed. A crash from here on leaves tiles that recovery writes from the staging bundle.
  await ledger.replay(prepared.stagingBundle, prepared.checkpointNote);
  await followHead(stores, next);
  const checkpoint = { size: prepared.size, root: Buffer.from(prepared.root).toString('hex') };
  return { head: next, checkpoint };
}

const textOf = (entry: Entry): string => Buffer.from(encodeEntry(entry)).toString('utf8');

/** What the vault keeps of a seal for a day without the state store. */
async function growthOf(
  head: Head,
  log: LedgerReader,
  added: readonly string[],
  rows: readonly GrownRows[],
): Promise<{ key: string; body: Uint8Array }> {
  const size = log.size + added.length;
  const first = firstUncovered(size);
  const record = { size, rows };
  if (first >= log.size)
    return encodeGrowth({ ...record, first, entries: added.slice(first - log.size), before: null });
  const named = head.growth === null ? null : parseKey(head.growth);
  if (named?.class === 'growth' && named.size === log.size)
    return encodeGrowth({ ...record, first: log.size, entries: added, before: head.growth });
  // The version that sealed before kept these entries in the state store alone.
  const held = await log.bundle(first / TILE_WIDTH);
  const entries = [...held.map((bytes) => Buffer.from(bytes).toString('utf8')), ...added];
  return encodeGrowth({ ...record, first, entries, before: null });
}

/** Times a swap may be lost to other writers; more means that one never rests. */
const MAX_LOST = 20;

/** Begins again when another writer was faster with the head. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let lost = 0; ; lost++) {
    try {
      return await work();
    } catch (error) {
      if (lost === MAX_LOST || !hasCode(error, 'STORE_CHANGED')) throw error;
    }
  }
}

const checkpointBytes = ({ checkpoint }: Head): Uint8Array | null =>
  checkpoint === null ? null : Buffer.from(checkpoint);
