/** Which objects of a source the lake holds, by where they came from and the version that place gave them. */

import { ETAG } from '../connectors/delivery/etag.ts';
import { type FileList, filesOf } from '../tables/file-list.ts';
import { readHead } from '../tables/head.ts';
import { type DataFileEntry, openTable } from '../tables/table-metadata.ts';
import { drainPending, type Stores } from '../vault/evidence.ts';
import { pooled } from '../vault/pool.ts';
import type { StateStore } from '../vault/store.ts';
import { readRows } from './parquet-rows.ts';

/** One text for an object as it was at a version. */
export const heldName = (origin: string, version: string): string => `${origin}\n${version}`;

/** Bodies are sealed nearly in the order in which they came: what came after an instant is sought from so long before it. */
const MARGIN_MICROS = 86_400e6;
/** Of the evidence table: fewer files than this are all read. */
const FEW_FILES = 64;
const FILES_AT_ONCE = 16;

/** What a data file of the evidence table says of one source, and when the last of its bodies came. */
interface FileNames {
  readonly names: readonly string[];
  readonly received: number;
}

/** By store and source, what was read of data files: they never change, and the next pull asks for nearly the same. */
const remembered = new WeakMap<StateStore, Map<string, Map<string, FileNames>>>();

/**
 * Names of all bodies of a source that came at an instant or later, sealed or waiting; microseconds. Earlier ones may be
 * among them, and one that is not costs a fetch and nothing else: the vault holds its bytes. What it takes follows from how
 * much came since then, not from what the lake holds.
 */
export async function heldSince(
  stores: Stores,
  source: string,
  since: number,
  fewFiles = FEW_FILES,
): Promise<ReadonlySet<string>> {
  // Before the head: what is sealed meanwhile is then found twice rather than not at all.
  const names = new Set<string>();
  for await (const item of drainPending(stores.state))
    if ('manifest' in item && item.manifest.source === source)
      for (const name of namesOf(item.manifest.origin, item.manifest.metadata)) names.add(name);
  const { head } = await readHead(stores.state);
  const { list } = await openTable(stores.vault, head, 'evidence');
  const bySource = remembered.get(stores.state) ?? new Map<string, Map<string, FileNames>>();
  remembered.set(stores.state, bySource);
  const before = bySource.get(source) ?? new Map<string, FileNames>();
  const now = new Map<string, FileNames>();
  const read = async (file: DataFileEntry): Promise<FileNames> => {
    const known = now.get(file.key) ?? before.get(file.key) ?? (await namesIn(stores, file, source));
    now.set(file.key, known);
    return known;
  };
  const files = await newerFiles(stores, list, since - MARGIN_MICROS, read, fewFiles);
  for (const file of await pooled(files, FILES_AT_ONCE, read)) for (const name of file.names) names.add(name);
  // What was looked at now is what the next pull looks at: nothing else is kept.
  bySource.set(source, now);
  return names;
}

/** The last files of the list, from the first whose bodies came at the instant or later: found by halving. */
async function newerFiles(
  { vault }: Stores,
  list: FileList,
  since: number,
  read: (file: DataFileEntry) => Promise<FileNames>,
  fewFiles: number,
): Promise<readonly DataFileEntry[]> {
  const starts: number[] = [];
  let total = 0;
  for (const { files } of list.parts) {
    starts.push(total);
    total += files;
  }
  total += list.files.length;
  const partAt = (at: number): number => starts.findLastIndex((start) => start <= at);
  const fileAt = async (at: number): Promise<DataFileEntry> => {
    const own = total - list.files.length;
    if (at >= own) return list.files[at - own]!;
    const part = partAt(at);
    const files = await filesOf(vault, 'evidence', { parts: [list.parts[part]!], files: [] });
    return files[at - starts[part]!]!;
  };
  let [low, high] = [0, total];
  while (total > fewFiles && low < high) {
    const middle = (low + high) >>> 1;
    if ((await read(await fileAt(middle))).received < since) low = middle + 1;
    else high = middle;
  }
  const parts = list.parts.filter((part, at) => starts[at]! + part.files > low);
  const first = starts[list.parts.length - parts.length] ?? total - list.files.length;
  const wanted = await filesOf(vault, 'evidence', { parts, files: list.files });
  return wanted.slice(Math.max(0, low - first));
}

async function namesIn({ vault }: Stores, { key }: DataFileEntry, source: string): Promise<FileNames> {
  const columns = ['source', 'origin', 'metadata', 'received_at'];
  const rows = await readRows((await vault.get(key)).body, columns);
  return {
    names: rows.flatMap((row) =>
      row['source'] === source && row['metadata'] !== null
        ? namesOf(String(row['origin']), parsed(String(row['metadata'])))
        : [],
    ),
    received: rows.reduce((latest, row) => Math.max(latest, Number(row['received_at'] ?? 0)), 0),
  };
}

function namesOf(origin: string, metadata: Readonly<Record<string, unknown>>): string[] {
  const etag = metadata[ETAG];
  return typeof etag === 'string' ? [heldName(origin, etag)] : [];
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
