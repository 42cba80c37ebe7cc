/** Tables whose files are gone: what can be made again as it was sealed, and what is left to be said otherwise. */

import { availableParallelism } from 'node:os';
import type { LedgerReader } from '../ledger/reader.ts';
import { hashObjects } from '../stages/verify/hashing.ts';
import { filesOf } from '../tables/file-list.ts';
import { rootOf } from '../tables/table-metadata.ts';
import { PREFIXES, parseKey } from '../vault/keys.ts';
import type { Lake } from '../vault/lake.ts';
import { type FileFacts, rememberBodies, restoreSeal, rowJobs } from './data-files.ts';
import { type History, sealBySeal } from './history.ts';
import { isList, neededFor } from './needed.ts';
import { expectedOf, restoringStores } from './restoring-stores.ts';
import { RowPool } from './row-pool.ts';
import type { PassedOver } from './sealed-tree.ts';
import { TableLists } from './table-lists.ts';

export interface RestoredTables {
  /** Objects of tables that the ledger names and the vault did not have. */
  readonly missing: number;
  /** Of those, made again with the very bytes that were sealed. */
  readonly restored: number;
  readonly bytes: number;
  /** Data files that rows are missing of: their tables list them. */
  readonly lostLive: readonly string[];
  /** Data files of older snapshots, which others took the place of. */
  readonly lostOld: readonly string[];
  /** Lists of files that could not be made again. */
  readonly lostLists: readonly string[];
  /** Why, of each. */
  readonly reasons: readonly PassedOver[];
  /** Keys of the files that each table has now; null where nothing was missing. */
  readonly files: ((table: string) => readonly string[]) | null;
  readonly facts: FileFacts;
}

export interface RestoreOptions {
  /** Hash every file that is there: one with other bytes is as good as gone. */
  readonly deep?: boolean;
  readonly onSeal?: (done: number, total: number) => void;
}

/** Throws what the stores throw; what was stored by then is found by the next run. Nothing is ever replaced. */
export async function restoreTables(
  lake: Lake,
  log: LedgerReader,
  history: History,
  { deep = false, onSeal = () => {} }: RestoreOptions = {},
): Promise<RestoredTables> {
  const { claims, seals, growths } = history;
  const sizes = new Map<string, number>();
  for await (const { key, size } of lake.vault.list(PREFIXES.tables)) sizes.set(key, size);
  const present = new Set(sizes.keys());
  const altered = deep ? await alteredAmong(lake, history, sizes) : [];
  for (const key of altered) present.delete(key);
  const missing = [...claims.objects.keys()].filter(
    (key) => key.startsWith(PREFIXES.tables) && !present.has(key),
  );
  const facts: FileFacts = new Map();
  if (missing.length === 0) return { ...NOTHING, facts, files: null };
  await gatherFacts(lake, history, present, facts);
  const expected = expectedOf(claims, present);
  const stores = await restoringStores(lake, expected);
  const reasons: PassedOver[] = [];
  const needed = await neededFor(log, seals, { missing, present, facts, reasons });
  const lists = new TableLists(stores, claims, facts);
  const pool = new RowPool(lake, stores, expected, (files) => {
    for (const file of files) facts.set(file.key, file);
  });
  const total = 2 * seals.length;
  let done = 0;
  try {
    // Rows need nothing but evidence, so that they go first, all at once; what is merged from them comes in its order.
    for await (const { entries } of sealBySeal(log, seals)) {
      rememberBodies(facts, entries);
      for (const job of rowJobs({ facts, needed, reasons }, entries)) await pool.add(job);
      onSeal(++done, total);
    }
    await pool.finish();
    for await (const seal of sealBySeal(log, seals)) {
      const growth = growths.get(seal.size) ?? null;
      const factsOf = (key: string) => lists.factsOf(key);
      await restoreSeal({ lake, stores, facts, claims, factsOf, needed, reasons, growth }, seal);
      await lists.take(seal, present);
      onSeal(++done, total);
    }
  } finally {
    await pool.close();
    await stores.close();
  }
  const lost = missing.filter((key) => !stores.restored.has(key));
  // A file whose hashes by column chunk are gone is as good as gone.
  const data = new Set(
    lost.flatMap((key) => (isList(key) ? [] : [key.replace(/\.ranges\.json$/, '.parquet')])),
  );
  return {
    missing: missing.length,
    restored: stores.restored.size,
    bytes: [...stores.restored.values()].reduce((sum, size) => sum + size, 0),
    lostLive: [...data].filter((key) => !claims.replaced.has(key)),
    lostOld: [...data].filter((key) => claims.replaced.has(key)),
    lostLists: lost.filter(isList),
    reasons: [...reasons, ...stores.failed],
    files: (table) => lists.filesOf(table),
    facts,
  };
}

const NOTHING = {
  missing: 0,
  restored: 0,
  bytes: 0,
  lostLive: [],
  lostOld: [],
  lostLists: [],
  reasons: [],
} as const;

async function alteredAmong(
  { vault }: Lake,
  { claims }: History,
  sizes: ReadonlyMap<string, number>,
): Promise<string[]> {
  const altered: string[] = [];
  const claimed = [...sizes].flatMap(([key, size]) => (claims.objects.has(key) ? [{ key, size }] : []));
  await hashObjects(vault, claimed, availableParallelism(), (key, found) => {
    if ('problem' in found || found.sha256 !== claims.objects.get(key)!.sha256) altered.push(key);
  });
  return altered;
}

/** What the newest list that is left of each table says of its files. */
async function gatherFacts(
  lake: Lake,
  { claims }: History,
  present: ReadonlySet<string>,
  facts: FileFacts,
): Promise<void> {
  const newest = new Map<string, { table: string; version: number; key: string; sha256: string }>();
  for (const key of present) {
    const parts = parseKey(key);
    if (parts?.class !== 'tableMetadata' || !claims.objects.has(key)) continue;
    const last = newest.get(parts.table);
    if (last === undefined || last.version < parts.version) newest.set(parts.table, { ...parts, key });
  }
  for (const { key, table, sha256 } of newest.values()) {
    const root = rootOf((await lake.vault.get(key)).body, table, sha256);
    const files =
      root === null ? [] : await filesOf(lake.vault, table, root.list).catch(() => root.list.files);
    for (const file of files) facts.set(file.key, file);
  }
}
