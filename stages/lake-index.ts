/** The needle index of a lake as a whole: what it holds, whether it is true, and making it anew. */

import type { Ledger } from '../ledger/log.ts';
import { type Head, readHead } from '../tables/head.ts';
import { NEEDLE_TABLES, type NeedleTable } from '../tables/needle/columns.ts';
import { partOfFile } from '../tables/needle/file-part.ts';
import { isIndexFault, type OpenPack, openPack, readManifest } from '../tables/needle/lookup.ts';
import { needlePrefix } from '../tables/needle/manifest.ts';
import { PRINTS, partSource } from '../tables/needle/pack.ts';
import { type DataFileEntry, readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { commit, openHead, retried } from './commit.ts';
import { openLedger } from './ledger.ts';
import { rebuildIndex } from './needle-index.ts';

export interface TableIndexStats {
  readonly table: NeedleTable;
  readonly files: number;
  /** Files of the table that the index speaks of. */
  readonly indexed: number;
  readonly packs: number;
  /** Fingerprints, each counted once in every row group in which it stands. */
  readonly fingerprints: number;
  readonly rowGroups: number;
  readonly bytes: number;
  /** Size of the data files. */
  readonly dataBytes: number;
  readonly problems: readonly string[];
}

const filesOf = async ({ vault }: Stores, head: Head, table: NeedleTable) =>
  (await readTable(vault, head, table)).files;

/** Packs that can be read, with what is wrong about the others. */
async function openPacks({ state }: Stores, head: Head, table: NeedleTable) {
  const packs: OpenPack[] = [];
  const problems: string[] = [];
  const usable = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!isIndexFault(error)) throw error;
      problems.push((error as Error).message);
    }
  };
  await usable(async () => {
    const manifest = await readManifest(state, head, table);
    for (const pack of manifest.packs)
      await usable(async () => {
        packs.push(await openPack(state, pack));
      });
  });
  return { packs, problems };
}

export async function indexStats(stores: Stores): Promise<TableIndexStats[]> {
  const { head } = await readHead(stores.state);
  const stats: TableIndexStats[] = [];
  for (const table of NEEDLE_TABLES) {
    const files = await filesOf(stores, head, table);
    const { packs, problems } = await openPacks(stores, head, table);
    const known = new Set(packs.flatMap(({ directory }) => directory.files.map(({ key }) => key)));
    const sum = (of: (pack: OpenPack) => number) => packs.reduce((total, pack) => total + of(pack), 0);
    stats.push({
      table,
      files: files.length,
      indexed: files.filter(({ key }) => known.has(key)).length,
      packs: packs.length,
      fingerprints: sum(({ directory }) => directory.pairs),
      rowGroups: sum(({ directory }) => directory.groups),
      bytes: sum(({ pack }) => pack.offset + pack.length),
      dataBytes: files.reduce((total, { bytes }) => total + bytes, 0),
      problems,
    });
  }
  return stats;
}

export interface IndexFault {
  readonly key: string;
  readonly problem: string;
}

export interface IndexCheck {
  readonly files: number;
  readonly faults: readonly IndexFault[];
}

/**
 * Reads the indexed columns of every data file again and compares: every fingerprint of a file must be in the index, and
 * none that is not the file's. Files the index does not speak of are faults too.
 */
export async function checkIndex(
  stores: Stores,
  onFile: (done: number, total: number) => void = () => {},
): Promise<IndexCheck> {
  const { head } = await readHead(stores.state);
  const faults: IndexFault[] = [];
  const tables = await Promise.all(
    NEEDLE_TABLES.map(async (table) => ({ table, files: await filesOf(stores, head, table) })),
  );
  const total = tables.reduce((sum, { files }) => sum + files.length, 0);
  let done = 0;
  for (const { table, files } of tables) {
    const { packs, problems } = await openPacks(stores, head, table);
    faults.push(...problems.map((problem) => ({ key: needlePrefix(table), problem })));
    const live = new Map(files.map((file) => [file.key, file]));
    const seen = new Set<string>();
    for (const pack of packs) {
      const own = await checkPack(stores, table, pack, live, () => onFile(++done, total));
      faults.push(...own.faults);
      for (const key of own.files) seen.add(key);
    }
    for (const { key } of files)
      if (!seen.has(key))
        faults.push({ key, problem: 'the index does not speak of it, so it is read whole' });
  }
  return { files: total, faults };
}

async function checkPack(
  { vault }: Stores,
  table: NeedleTable,
  { pack, directory, source }: OpenPack,
  live: ReadonlyMap<string, DataFileEntry>,
  onFile: () => void,
): Promise<{ files: string[]; faults: IndexFault[] }> {
  // A sum of hashes by row group stands for the set of its fingerprints: a pack holds too many to keep them all.
  const sums = new Float64Array(directory.groups);
  const counts = new Uint32Array(directory.groups);
  try {
    await source.read(0, PRINTS, (print, group) => {
      sums[group]! = (sums[group]! + scrambled(print)) % 2 ** 32;
      counts[group]!++;
    });
  } catch (error) {
    if (!isIndexFault(error)) throw error;
    return { files: [], faults: [{ key: pack.key, problem: (error as Error).message }] };
  }
  const faults: IndexFault[] = [];
  const files: string[] = [];
  let first = 0;
  for (const { key, rowGroups } of directory.files) {
    const start = first;
    first += rowGroups;
    const file = live.get(key);
    if (file === undefined) continue;
    files.push(key);
    onFile();
    try {
      const part = await partOfFile(vault, table, file);
      const expected = { sums: new Float64Array(part.rowGroups), counts: new Uint32Array(part.rowGroups) };
      await partSource(key, part).read(0, PRINTS, (print, group) => {
        expected.sums[group]! = (expected.sums[group]! + scrambled(print)) % 2 ** 32;
        expected.counts[group]!++;
      });
      const same =
        part.rowGroups === rowGroups &&
        expected.sums.every((sum, group) => sum === sums[start + group]) &&
        expected.counts.every((count, group) => count === counts[start + group]);
      if (!same) faults.push({ key, problem: 'the index has other fingerprints than its rows' });
    } catch (error) {
      faults.push({ key, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return { files, faults };
}

const scrambled = (print: number): number => Math.imul(print ^ (print >>> 11), 0x9e3779b1) >>> 0;

export interface Rebuilt {
  readonly files: number;
  /** Files that could not be read: nothing is known of them, and they are read whole. */
  readonly unread: readonly IndexFault[];
  readonly checkpoint: { readonly size: number; readonly root: string };
}

/** Makes the index of both tables anew from the data files, and seals it. Throws LAKE_LOCKED beside another writer. */
export async function rebuildLakeIndex(
  lake: Lake,
  onFile: (done: number, total: number) => void = () => {},
): Promise<Rebuilt> {
  return withWriter(lake, async () => {
    const ledger = await openLedger(lake);
    const { named, ...rebuilt } = await retried(() => rebuildOnce(lake, ledger, onFile));
    // What killed runs left goes too.
    const kept = new Set(named);
    for (const table of NEEDLE_TABLES)
      for await (const { key } of lake.state.list(needlePrefix(table)))
        if (!kept.has(key)) await lake.state.remove(key);
    return rebuilt;
  });
}

async function rebuildOnce(
  lake: Lake,
  ledger: Ledger,
  onFile: (done: number, total: number) => void,
): Promise<Rebuilt & { readonly named: readonly string[] }> {
  const opened = await openHead(lake, ledger);
  const tables = new Map<NeedleTable, readonly DataFileEntry[]>();
  for (const table of NEEDLE_TABLES) tables.set(table, await filesOf(lake, opened.head, table));
  const files = [...tables.values()].reduce((sum, list) => sum + list.length, 0);
  const unread: IndexFault[] = [];
  const { index, drafts, named } = await rebuildIndex(lake, opened.head, tables, onFile, (key, problem) =>
    unread.push({ key, problem }),
  );
  const next = { tables: opened.head.tables, index };
  const { checkpoint } = await commit(lake, ledger, opened, next, drafts);
  return { files, unread, checkpoint, named };
}
