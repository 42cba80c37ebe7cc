/** REPLACE: data files whose rows lie in others from here on, in a new snapshot; evidence stays as it is. */

import type { Draft } from '../ledger/entry.ts';
import type { GrownRows } from '../ledger/growth.ts';
import type { Ledger } from '../ledger/log.ts';
import type { TableName } from '../schema/columns.ts';
import { filesOf } from '../tables/file-list.ts';
import { countNewCopies } from '../tables/identity-prints.ts';
import type { FilePart } from '../tables/needle/pack.ts';
import { type DataFileEntry, openTable, type TableRoot } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { type Committed, commit, openHead, retried } from './commit.ts';
import { dataDraft } from './ledger.ts';
import { growIndex, type TableChange } from './needle-index.ts';
import { printsOf } from './prints.ts';
import { changeTables, type TableEdit } from './table-change.ts';

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
  /** What the needle index takes of the added files, by key; those that are not there are read for it. */
  readonly needles?: ReadonlyMap<string, FilePart>;
  /** Whether it is all of them or none. */
  readonly whole?: boolean;
  /** Entries that belong to it. */
  readonly drafts?: readonly Draft[];
  /** Rows among the added files' that nothing else says. */
  readonly rows?: readonly GrownRows[];
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
  {
    operation,
    replacements,
    needles = new Map(),
    whole = false,
    drafts: own = [],
    rows = [],
    at,
  }: ReplaceRequest,
): Promise<Replaced | null> {
  const opened = await openHead(stores, ledger);
  const { head } = opened;
  const tables: Partial<Record<TableName, string>> = { ...head.tables };
  const drafts: Draft[] = [];
  const edits: TableEdit[] = [];
  const changes = new Map<TableName, TableChange>();
  const done: Replacement[] = [];
  const passedOver: Replacement[] = [];
  for (const table of new Set(replacements.map((replacement) => replacement.table))) {
    const before = await openTable(stores.vault, head, table);
    const files = await filesOf(stores.vault, table, before.list);
    const listed = new Set(files.map(({ key }) => key));
    const mine = replacements.filter((replacement) => replacement.table === table);
    const fits = mine.filter(({ removed }) => removed.every(({ key }) => listed.has(key)));
    passedOver.push(...mine.filter((replacement) => !fits.includes(replacement)));
    if (fits.length === 0) continue;
    done.push(...fits);
    const added = fits.flatMap((replacement) => replacement.added);
    const removed = fits.flatMap((replacement) => replacement.removed);
    for (const { key } of removed) listed.delete(key);
    const kept = files.filter(({ key }) => listed.has(key));
    edits.push({ before, added, removed, overlapDays: await overlapsAfter(stores, before, kept, fits) });
    changes.set(table, { added, live: new Set([...listed, ...added.map(({ key }) => key)]) });
    for (const { removed, added } of fits) drafts.push(...draftsOf(operation, table, removed, added, at));
  }
  if (done.length === 0 || (whole && passedOver.length > 0)) return null;
  for (const [table, { key, drafts: own }] of await changeTables(stores, head, edits, at)) {
    tables[table] = key;
    drafts.push(...own);
  }
  const grown = await growIndex(stores, head, changes, needles);
  const next = { tables, index: grown.index, rows };
  const committed = await commit(stores, ledger, opened, next, [...drafts, ...grown.drafts, ...own]);
  for (const key of grown.obsolete) await stores.state.remove(key);
  return { ...committed, done, passedOver };
}

/** Days on which some event is held more than once afterwards; `kept` are the files that stay. */
async function overlapsAfter(
  stores: Stores,
  before: TableRoot,
  kept: readonly DataFileEntry[],
  replacements: readonly Replacement[],
): Promise<readonly string[]> {
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
  return [...overlaps].sort();
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
  return countNewCopies(held, await prints(others)) > 0;
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
