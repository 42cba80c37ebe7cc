/** REPLACE: data files whose rows lie in others from here on, in a new snapshot; evidence stays as it is. */

import type { Draft } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/log.ts';
import type { TableName } from '../schema/columns.ts';
import { countCopies } from '../tables/identity-prints.ts';
import { type DataFileEntry, readTable, type TableMetadata, writeTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { type Committed, commit, openHead, retried } from './commit.ts';
import { dataDraft } from './ledger.ts';
import { growIndex, type TableChange } from './needle-index.ts';
import { printsOf } from './prints.ts';

export interface Replacement {
  readonly table: TableName;
  readonly day: string;
  readonly removed: readonly DataFileEntry[];
  readonly added: readonly DataFileEntry[];
  /** Whether every copy of an event among the added files' rows is set aside or marked. */
  readonly settled: boolean;
  /** Whether it is to be found out anew which events its day holds more than once. */
  readonly recount?: true;
}

export interface ReplaceRequest {
  readonly operation: 'compact' | 'remap';
  readonly replacements: readonly Replacement[];
  /** Whether it is all of them or none. */
  readonly whole?: boolean;
  /** Entries that belong to it. */
  readonly drafts?: readonly Draft[];
  /** Microseconds. */
  readonly at: number;
}

export interface Replaced extends Committed {
  readonly done: readonly Replacement[];
  /** Left out: another writer replaced some of their files meanwhile. */
  readonly passedOver: readonly Replacement[];
}

/** Keys in one ledger entry: some 45 KB of the 64 that fit. */
const KEYS_PER_ENTRY = 400;

/**
 * Commits replacements by the swap of the head, beside whoever else seals. Null when none of them still applies. Throws
 * as `commit` does; after a crash the added files are orphans that the same work names alike.
 */
export const replaceFiles = (
  stores: Stores,
  ledger: Ledger,
  request: ReplaceRequest,
): Promise<Replaced | null> => retried(() => replaceOnce(stores, ledger, request));

async function replaceOnce(
  stores: Stores,
  ledger: Ledger,
  { operation, replacements, whole = false, drafts: own = [], at }: ReplaceRequest,
): Promise<Replaced | null> {
  const opened = await openHead(stores, ledger);
  const { head } = opened;
  const tables: Partial<Record<TableName, string>> = { ...head.tables };
  const drafts: Draft[] = [];
  const changes = new Map<TableName, TableChange>();
  const done: Replacement[] = [];
  const passedOver: Replacement[] = [];
  for (const table of new Set(replacements.map((replacement) => replacement.table))) {
    const before = await readTable(stores.vault, head, table);
    const listed = new Set(before.files.map(({ key }) => key));
    const mine = replacements.filter((replacement) => replacement.table === table);
    const fits = mine.filter(({ removed }) => removed.every(({ key }) => listed.has(key)));
    passedOver.push(...mine.filter((replacement) => !fits.includes(replacement)));
    if (fits.length === 0) continue;
    done.push(...fits);
    const after = await withReplaced(stores, before, fits);
    const { key, sha256 } = await writeTable(stores.vault, after, head.sequence + 1);
    tables[table] = key;
    const added = fits.flatMap((replacement) => replacement.added);
    changes.set(table, { added, files: after.files, replaced: true });
    for (const { removed, added } of fits) drafts.push(...draftsOf(operation, table, removed, added, at));
    drafts.push({ kind: 'metadata', table, key, sha256, at });
  }
  if (done.length === 0 || (whole && passedOver.length > 0)) return null;
  const grown = await growIndex(stores, head, changes, new Map());
  const next = { tables, index: grown.index };
  const committed = await commit(stores, ledger, opened, next, [...drafts, ...grown.drafts, ...own]);
  for (const key of grown.obsolete) await stores.state.remove(key);
  return { ...committed, done, passedOver };
}

async function withReplaced(
  stores: Stores,
  before: TableMetadata,
  replacements: readonly Replacement[],
): Promise<TableMetadata> {
  const gone = new Set(replacements.flatMap(({ removed }) => removed.map(({ key }) => key)));
  const kept = before.files.filter(({ key }) => !gone.has(key));
  const overlaps = new Set(before.overlapDays);
  for (const { day, added, settled, recount } of replacements) {
    if (!settled && recount !== true) continue;
    const others = kept.filter((file) => file.day === day);
    const isHeldTwice =
      recount === true
        ? await bringsCopies(stores, [], [...added, ...others])
        : await bringsCopies(stores, added, others);
    if (isHeldTwice) overlaps.add(day);
    else overlaps.delete(day);
  }
  const added = replacements.flatMap((replacement) => replacement.added);
  return { ...before, files: [...kept, ...added], overlapDays: [...overlaps].sort() };
}

/** Whether an event of the other files is held once more than in the settled ones alone. */
async function bringsCopies(
  stores: Stores,
  settled: readonly DataFileEntry[],
  others: readonly DataFileEntry[],
): Promise<boolean> {
  if (others.length === 0) return false;
  const prints = (files: readonly DataFileEntry[]) =>
    Promise.all(files.map((file) => printsOf(stores, file)));
  const held = await prints(settled);
  return countCopies([...held, ...(await prints(others))]) > countCopies(held);
}

function* draftsOf(
  operation: ReplaceRequest['operation'],
  table: TableName,
  removed: readonly DataFileEntry[],
  added: readonly DataFileEntry[],
  at: number,
): Generator<Draft> {
  for (const file of added) yield dataDraft(table, file);
  const most = Math.max(removed.length, added.length);
  for (let from = 0; from < most; from += KEYS_PER_ENTRY / 2) {
    const keys = (files: readonly DataFileEntry[]) =>
      files.slice(from, from + KEYS_PER_ENTRY / 2).map(({ key }) => key);
    yield { kind: 'replace', table, operation, removed: keys(removed), added: keys(added), at };
  }
}
