/**
 * The needle index grows with every seal: one pack for the files it adds, and packs of like size merged into one of the
 * next size. The list of packs is named by its hash in the head and in the ledger.
 */

import type { DraftOf } from '../ledger/entry.ts';
import type { TableName } from '../schema/columns.ts';
import type { Head } from '../tables/head.ts';
import { NEEDLE_TABLES, type NeedleTable } from '../tables/needle/columns.ts';
import { partOfFile } from '../tables/needle/file-part.ts';
import { isIndexFault, type OpenPack, openPack, readManifest } from '../tables/needle/lookup.ts';
import {
  emptyManifest,
  encodeManifest,
  manifestKey,
  type NeedleManifest,
  type Pack,
  packKey,
} from '../tables/needle/manifest.ts';
import { buildPack, type FilePart, type PackBytes, partSource, type Source } from '../tables/needle/pack.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import type { StateStore } from '../vault/store.ts';

/** Packs of one size that become one of the next. */
const FAN = 8;
/** Packs up to this many pairs are of the first size. */
const FIRST_SIZE = 1 << 16;
/** A new pack is made from what fits into memory while it is: some 20 MB. */
const NEW_PACK_PAIRS = 1 << 22;
/** None grows beyond: some 80 MB. */
const MOST_PACK_PAIRS = 1 << 26;

/** How a seal changes a table. */
export interface TableChange {
  readonly added: readonly DataFileEntry[];
  /** Keys of all its files afterwards, where it has fewer of those it had; null where it only has more. */
  readonly live: ReadonlySet<string> | null;
}

export interface GrownIndex {
  readonly index: Head['index'];
  readonly drafts: readonly DraftOf<'index'>[];
  /** Keys that nothing names any longer once the head is swapped. */
  readonly obsolete: readonly string[];
  /** Keys that the index of these tables consists of. */
  readonly named: readonly string[];
}

/**
 * Stores what the index needs for these changes; it counts once the head says so. A part of it that turns out damaged
 * is left out, and its files are read whole by whoever seeks something, until it is rebuilt.
 */
export async function growIndex(
  stores: Stores,
  head: Head,
  changes: ReadonlyMap<TableName, TableChange>,
  parts: ReadonlyMap<string, FilePart>,
): Promise<GrownIndex> {
  const index: Record<string, string> = { ...head.index };
  const drafts: DraftOf<'index'>[] = [];
  const obsolete: string[] = [];
  const named: string[] = [];
  for (const table of NEEDLE_TABLES) {
    const change = changes.get(table);
    if (change === undefined) continue;
    const before = await manifestOr(stores.state, head, table);
    const { live } = change;
    const fresh = await packsOf(stores, table, change.added, parts);
    let packs = [...before.packs, ...fresh];
    if (live !== null) packs = await withoutDead(stores.state, table, packs, live);
    packs = await merged(stores.state, table, packs, live);
    const { sha256, gone } = await putManifest(stores.state, head, table, before, packs);
    index[table] = sha256;
    obsolete.push(...gone);
    named.push(manifestKey(table, sha256), ...packs.map(({ key }) => key));
    drafts.push({ kind: 'index', table, sha256 });
  }
  return { index, drafts, obsolete, named };
}

/** The index of all files from nothing; `onUnread` hears of those that could not be read, which are left out. */
export async function rebuildIndex(
  stores: Stores,
  head: Head,
  files: ReadonlyMap<NeedleTable, readonly DataFileEntry[]>,
  onFile: (done: number, total: number) => void = () => {},
  onUnread: (key: string, problem: string) => void = () => {},
): Promise<GrownIndex> {
  const index: Record<string, string> = { ...head.index };
  const drafts: DraftOf<'index'>[] = [];
  const obsolete: string[] = [];
  const named: string[] = [];
  const total = [...files.values()].reduce((sum, list) => sum + list.length, 0);
  let done = 0;
  for (const [table, list] of files) {
    const before = await manifestOr(stores.state, head, table);
    const live = new Set(list.map(({ key }) => key));
    const made = await packsOf(stores, table, list, new Map(), {
      onFile: () => onFile(++done, total),
      onUnread,
    });
    const packs = await merged(stores.state, table, made, live);
    const { sha256, gone } = await putManifest(stores.state, head, table, before, packs);
    index[table] = sha256;
    obsolete.push(...gone);
    named.push(manifestKey(table, sha256), ...packs.map(({ key }) => key));
    drafts.push({ kind: 'index', table, sha256 });
  }
  return { index, drafts, obsolete, named };
}

/** A list that is gone or altered counts for nothing. */
async function manifestOr(state: StateStore, head: Head, table: NeedleTable): Promise<NeedleManifest> {
  try {
    return await readManifest(state, head, table);
  } catch (error) {
    if (!isIndexFault(error)) throw error;
    return emptyManifest(table);
  }
}

async function putManifest(
  state: StateStore,
  head: Head,
  table: NeedleTable,
  before: NeedleManifest,
  packs: readonly Pack[],
): Promise<{ sha256: string; gone: readonly string[] }> {
  const kept = new Set(packs.map(({ key }) => key));
  // Whoever reads by the head of a moment ago still needs what only that one names: it goes with the next seal.
  const superseded = before.packs.map(({ key }) => key).filter((key) => !kept.has(key));
  if (head.index[table] !== undefined) superseded.push(manifestKey(table, head.index[table]));
  const { bytes, sha256 } = encodeManifest({ format: 1, table, packs, superseded });
  const own = manifestKey(table, sha256);
  await state.put(own, bytes);
  return { sha256, gone: before.superseded.filter((key) => key !== own && !kept.has(key)) };
}

/** Packs of these files, of a size that is made in memory. */
async function packsOf(
  { vault, state }: Stores,
  table: NeedleTable,
  files: readonly DataFileEntry[],
  parts: ReadonlyMap<string, FilePart>,
  hears: { onFile?: () => void; onUnread?: (key: string, problem: string) => void } = {},
): Promise<Pack[]> {
  const packs: Pack[] = [];
  let sources: Source[] = [];
  let pairs = 0;
  const put = async () => {
    const built = await buildPack(table, sources);
    if (built !== null) packs.push(await putPack(state, table, built));
    sources = [];
    pairs = 0;
  };
  for (const file of files.toSorted((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)))) {
    let part = parts.get(file.key);
    try {
      part ??= await partOfFile(vault, table, file);
    } catch (error) {
      // Left out, it is read whole by whoever seeks something, who then hears what is wrong with it.
      if (hears.onUnread === undefined) throw error;
      hears.onUnread(file.key, error instanceof Error ? error.message : String(error));
      continue;
    }
    const source = partSource(file.key, part);
    if (pairs + source.pairs > NEW_PACK_PAIRS && sources.length > 0) await put();
    sources.push(source);
    pairs += source.pairs;
    hears.onFile?.();
  }
  await put();
  return packs;
}

async function putPack(state: StateStore, table: NeedleTable, built: PackBytes): Promise<Pack> {
  const { directory, pairs, files, pieces } = built;
  const key = packKey(table, directory.sha256);
  await state.put(key, Buffer.concat(pieces));
  return { key, offset: directory.offset, length: directory.length, sha256: directory.sha256, pairs, files };
}

const sizeOf = ({ pairs }: Pack): number =>
  Math.max(0, Math.ceil(Math.log2(Math.max(1, pairs) / FIRST_SIZE) / Math.log2(FAN)));

/** Merges packs until fewer than `FAN` are of one size; what is damaged is left out. */
async function merged(
  state: StateStore,
  table: NeedleTable,
  packs: readonly Pack[],
  live: ReadonlySet<string> | null,
): Promise<Pack[]> {
  let left = [...packs];
  for (let size = 0; size < 16; size++) {
    let like = left.filter((pack) => sizeOf(pack) === size);
    while (like.length >= FAN) {
      const together = like.slice(0, FAN);
      if (together.reduce((sum, { pairs }) => sum + pairs, 0) > MOST_PACK_PAIRS) break;
      left = left.filter((pack) => !together.includes(pack));
      left.push(...(await mergeOnce(state, table, together, live)));
      like = left.filter((pack) => sizeOf(pack) === size);
    }
  }
  return left;
}

/** One pack of several, without files that are no more, where it is known which are left; none when nothing is. */
async function mergeOnce(
  state: StateStore,
  table: NeedleTable,
  packs: readonly Pack[],
  live: ReadonlySet<string> | null,
): Promise<Pack[]> {
  let opened = await openAll(state, packs);
  for (;;) {
    const bad: OpenPack[] = [];
    const sources = opened.map((pack) => guarded(pack, () => bad.push(pack)));
    const built = await buildPack(table, sources, ({ key }) => live === null || live.has(key));
    if (bad.length === 0) return built === null ? [] : [await putPack(state, table, built)];
    opened = opened.filter((pack) => !bad.includes(pack));
  }
}

/** Notes a pack with a damaged shard instead of failing: the merge is made again without it. */
function guarded({ source }: OpenPack, onBad: () => void): Source {
  return {
    ...source,
    async read(from, to, take) {
      try {
        await source.read(from, to, take);
      } catch (error) {
        if (!isIndexFault(error)) throw error;
        onBad();
      }
    },
  };
}

async function openAll(state: StateStore, packs: readonly Pack[]): Promise<OpenPack[]> {
  const opened: OpenPack[] = [];
  for (const pack of packs) {
    try {
      opened.push(await openPack(state, pack));
    } catch (error) {
      if (!isIndexFault(error)) throw error;
    }
  }
  return opened;
}

/** Leaves out packs none of whose files is left, and writes anew those that hold more of gone files than of others. */
async function withoutDead(
  state: StateStore,
  table: NeedleTable,
  packs: readonly Pack[],
  live: ReadonlySet<string>,
): Promise<Pack[]> {
  const kept: Pack[] = [];
  for (const opened of await openAll(state, packs)) {
    const { files } = opened.directory;
    const alive = files.filter(({ key }) => live.has(key)).length;
    if (alive === 0) continue;
    if (alive * 2 >= files.length) kept.push(opened.pack);
    else kept.push(...(await mergeOnce(state, table, [opened.pack], live)));
  }
  return kept;
}
