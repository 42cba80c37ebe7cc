/** EXPIRE: files that only snapshots of long ago list are given up, on record, and removed where the store lets them go. */

import { type Draft, decodeEntry } from '../ledger/entry.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { AkashiError } from '../schema/error.ts';
import { commit, openHead, retried } from '../stages/commit.ts';
import { printsKey } from '../stages/data-file.ts';
import { openLedger } from '../stages/ledger.ts';
import { rangesKey } from '../stages/verify/claims.ts';
import { isLockedKey } from '../vault/keys.ts';
import type { Lake } from '../vault/lake.ts';
import { pooled } from '../vault/pool.ts';
import type { ObjectStat } from '../vault/store.ts';

export interface ExpireResult {
  /** Data files and lists of them that were removed, and their bytes. */
  removed: number;
  bytes: number;
  /** Due, and kept by the store until a date, or by a case. */
  locked: number;
  held: number;
  /** The date until when the last of the locked ones is kept; null where none has one. */
  lockedUntil: string | null;
}

const KEYS_PER_ENTRY = 400;
const AT_ONCE = 16;
const LISTED_BATCH = 1000;

interface Due {
  readonly table: string;
  readonly key: string;
  /** Whether the ledger has given it up: a run that was killed did not come to remove it. */
  readonly given: boolean;
}

/**
 * Gives up what was replaced before `before` (microseconds) and removes it, one folder after the other. The record comes
 * first: a crash leaves files that nobody reads, which the next run removes. Throws STORE_UNSUPPORTED where the lake removes nothing.
 */
export async function expire(lake: Lake, before: number, now: number): Promise<ExpireResult> {
  const { removeReplaced } = lake;
  if (removeReplaced === undefined)
    throw new AkashiError('STORE_UNSUPPORTED', `${lake.vault.name} lets nothing be removed.`);
  const result: ExpireResult = { removed: 0, bytes: 0, locked: 0, held: 0, lockedUntil: null };
  const ledger = await openLedger(lake);
  const { log } = await openHead(lake, ledger);
  // One listing of a folder tells what of it is still there, however much was given up long ago.
  const folders = Map.groupBy(await replacedBefore(log, before), ({ key }) => folderOf(key));
  for (const [folder, dues] of folders) {
    const there = await statsOf(lake, folder, new Set(dues.flatMap(({ key }) => partsOf(key))));
    const going: Due[] = [];
    for (const due of dues) {
      const stats = partsOf(due.key).flatMap((key) => there.get(key) ?? []);
      if (stats.length === 0 && due.given) continue;
      const kept = whatKeeps(due.key, stats, now);
      if (kept === null) going.push(due);
      else if (kept === 'held') result.held++;
      else {
        result.locked++;
        const until = kept instanceof Date ? kept.toISOString() : null;
        if (until !== null && until > (result.lockedUntil ?? '')) result.lockedUntil = until;
      }
    }
    await record(lake, going, now);
    await pooled(going, AT_ONCE, async ({ key }) => {
      for (const part of partsOf(key)) {
        const stat = there.get(part);
        if (stat === undefined) continue;
        await removeReplaced(part, new Date(now / 1000));
        result.bytes += stat.size;
      }
      if (isData(key)) await lake.state.remove(printsKey(key));
      result.removed++;
    });
  }
  return result;
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1);

/** What the store says of those of these keys that are there. Each is asked about while the listing is fresh. */
async function statsOf(
  { vault }: Lake,
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ObjectStat>> {
  const stats = new Map<string, ObjectStat>();
  let listed: string[] = [];
  const ask = async (): Promise<void> => {
    const keys = listed;
    listed = [];
    await pooled(keys, AT_ONCE, async (key) => {
      const stat = await vault.stat(key);
      if (stat !== null) stats.set(key, stat);
    });
  };
  for await (const { key } of vault.list(folder)) {
    if (wanted.has(key)) listed.push(key);
    if (listed.length >= LISTED_BATCH) await ask();
  }
  await ask();
  return stats;
}

/** Data files and lists that others took the place of before this instant; in the order of the ledger. */
async function replacedBefore(log: LedgerReader, before: number): Promise<Due[]> {
  const replaced = new Map<string, { table: string; at: number; given: boolean }>();
  const newest = new Map<string, string>();
  // Versions that did not say when they sealed had received something just before.
  let clock = 0;
  for await (const { bytes } of log.readEntries(0, log.size)) {
    const decoded = decodeEntry(bytes);
    if (!decoded.ok) continue;
    const entry = decoded.value;
    if (entry.kind === 'evidence') clock = Math.max(clock, entry.receivedAt);
    if ('at' in entry && typeof entry.at === 'number') clock = Math.max(clock, entry.at);
    if (entry.kind === 'replace') {
      for (const key of entry.removed) replaced.set(key, { table: entry.table, at: entry.at, given: false });
      for (const key of entry.added) replaced.delete(key);
    } else if (entry.kind === 'lists') {
      for (const key of entry.removed) replaced.set(key, { table: entry.table, at: entry.at, given: false });
      for (const key of entry.added) replaced.delete(key);
    } else if (entry.kind === 'metadata') {
      const last = newest.get(entry.table);
      if (last !== undefined) replaced.set(last, { table: entry.table, at: entry.at ?? clock, given: false });
      newest.set(entry.table, entry.key);
    } else if (entry.kind === 'expire') {
      for (const key of entry.keys) {
        const known = replaced.get(key);
        if (known !== undefined) known.given = true;
      }
    }
  }
  return [...replaced].flatMap(([key, { table, at, given }]) =>
    at <= before ? [{ table, key, given }] : [],
  );
}

/** What keeps an object: a case, the store until a date, or the store without one. Null when nothing does. */
function whatKeeps(key: string, stats: readonly ObjectStat[], now: number): 'held' | 'locked' | Date | null {
  if (stats.some(({ held }) => held === true)) return 'held';
  const until = stats.flatMap(({ lock }) => (lock === undefined ? [] : [lock.retainUntil]));
  const last = until.reduce<Date | null>(
    (latest, date) => (latest === null || date > latest ? date : latest),
    null,
  );
  if (last !== null) return last.getTime() * 1000 > now ? last : null;
  // A folder without retention keeps what is locked for ever.
  return isLockedKey(key) && stats.length > 0 ? 'locked' : null;
}

async function record(lake: Lake, going: readonly Due[], at: number): Promise<void> {
  const fresh = Map.groupBy(
    going.filter(({ given }) => !given),
    ({ table }) => table,
  );
  const drafts: Draft[] = [];
  for (const [table, dues] of fresh)
    for (let from = 0; from < dues.length; from += KEYS_PER_ENTRY) {
      const keys = dues.slice(from, from + KEYS_PER_ENTRY).map(({ key }) => key);
      drafts.push({ kind: 'expire', table, keys, at });
    }
  if (drafts.length === 0) return;
  const ledger = await openLedger(lake);
  await retried(async () => {
    const opened = await openHead(lake, ledger);
    await commit(lake, ledger, opened, opened.head, drafts);
  });
}

const isData = (key: string): boolean => key.endsWith('.parquet');

/** A data file goes with the hashes beside it. */
const partsOf = (key: string): string[] => (isData(key) ? [key, rangesKey(key)] : [key]);
