/** The lake's tables as Apache Iceberg tables, for engines that are not ours: https://iceberg.apache.org/spec/ */

import { hash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { headName } from '../engine/lake-snapshot.ts';
import { TABLES, type TableName } from '../schema/columns.ts';
import { type Head, readHead } from '../tables/head.ts';
import { appendFiles, MANIFEST_FILES } from '../tables/iceberg/append.ts';
import type { IcebergDataFile } from '../tables/iceberg/data-file.ts';
import { decodeManifestList, type ManifestFile } from '../tables/iceberg/manifest-list.ts';
import {
  currentSnapshot,
  newTable,
  type TableJson,
  withCurrentSchema,
  withPredecessor,
} from '../tables/iceberg/table-json.ts';
import { type DataFileEntry, readTable } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import { pooled } from '../vault/pool.ts';
import type { VaultStore } from '../vault/store.ts';
import { copied, describe, inPlace, type Placing } from './iceberg-data.ts';
import { fileUri, TableFolder, type TableVersion, taken, versionName } from './iceberg-folder.ts';

export interface IcebergRequest {
  /** The folder to write to, one table in each folder below it. */
  readonly location: string;
  /** Where engines will find that folder, such as `s3://bucket/prefix`; left out, where it is now. */
  readonly readAt?: string;
  /** Copies the data files to the location; otherwise the metadata points into the lake. */
  readonly copyData: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onProgress?: (files: number) => void;
}

export interface IcebergTable {
  /** What it is called: the table's name, or that and `_copies`. */
  readonly name: string;
  readonly table: TableName;
  /** Data files and rows of the whole table. */
  readonly files: number;
  readonly rows: number;
  /** Data files that this export added. */
  readonly added: number;
  /** URI of the metadata that engines open. */
  readonly metadata: string;
}

export interface IcebergExport {
  readonly head: string;
  readonly tables: readonly IcebergTable[];
  readonly rows: number;
  readonly seconds: number;
}

/** Coverage is derived when it is asked for; what it is derived from is stored as coverage_facts. */
export const ICEBERG_TABLES = (Object.keys(TABLES) as TableName[]).filter((table) => table !== 'coverage');

/** Tables some of whose files hold copies that a compaction set aside: those are a table of their own. */
export const WITH_COPIES: readonly TableName[] = ['events', 'flows'];
export const COPIES = '_copies';

const READS_AT_ONCE = 16;

/**
 * Writes every stored table as of the lake's head. A location that an earlier export of this lake wrote gets a snapshot
 * more: with the data files that came since, or with others in their place where the lake was compacted. An export that was broken off is simply run again. Throws ICEBERG_TAKEN
 * for a location with anything else, DATA_ALTERED, ICEBERG_PATH, and as the lake's stores do.
 */
export async function exportIceberg(lake: Lake, request: IcebergRequest): Promise<IcebergExport> {
  const started = performance.now();
  const { head } = await readHead(lake.state);
  const root = request.readAt?.replace(/\/+$/, '') ?? fileUri(request.location);
  let done = 0;
  const tables: IcebergTable[] = [];
  for (const { name, table, files } of await exportsOf(lake, head, request.location)) {
    const folder = join(resolve(request.location), name);
    const uri = `${root}/${name}`;
    const job: TableJob = {
      name,
      origin: originOf(head),
      table,
      files,
      vault: lake.vault,
      folder: new TableFolder(folder, uri),
      place: request.copyData ? copied(lake.vault, folder, uri) : inPlace(lake.vault),
      mode: request.copyData ? 'copied' : 'in place',
      head: headName(head),
      now: request.now,
      onFile: () => request.onProgress?.(++done),
    };
    tables.push(await exportTable(job, folder));
  }
  return {
    head: headName(head),
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    seconds: (performance.now() - started) / 1000,
  };
}

/** What is written, and under which name. A table of copies is there once there are copies. */
async function exportsOf(
  lake: Lake,
  head: Head,
  location: string,
): Promise<{ name: string; table: TableName; files: readonly DataFileEntry[] }[]> {
  const found = await Promise.all(
    ICEBERG_TABLES.map(async (table) => {
      const { files } = await readTable(lake.vault, head, table);
      const shown = { name: table as string, table, files: files.filter(({ copies }) => copies !== true) };
      const aside = {
        name: `${table}${COPIES}`,
        table,
        files: files.filter(({ copies }) => copies === true),
      };
      const isThere = aside.files.length > 0 || existsSync(join(resolve(location), aside.name));
      return WITH_COPIES.includes(table) && isThere ? [shown, aside] : [shown];
    }),
  );
  return found.flat();
}

/** The name of the lake's ledger; null in a lake that was never sealed. */
const originOf = ({ checkpoint }: Head): string | null => checkpoint?.split('\n', 1)[0] ?? null;

interface TableJob {
  readonly name: string;
  readonly origin: string | null;
  readonly table: TableName;
  readonly files: readonly DataFileEntry[];
  readonly vault: VaultStore;
  readonly folder: TableFolder;
  readonly place: Placing;
  readonly mode: string;
  readonly head: string;
  readonly now: number;
  readonly onFile: () => void;
}

async function exportTable(job: TableJob, path: string): Promise<IcebergTable> {
  const { name, table, files, folder, now } = job;
  const before = await folder.current();
  if (before !== null) mustContinue(job, before, path);
  const base =
    before === null
      ? newTable({ table, uuid: randomUUID(), location: folder.uri, now })
      : withCurrentSchema(before.json, table);
  const held = heldBy(base, files);
  const added = files.slice(held ?? 0);
  const unchanged = before !== null && held !== null && added.length === 0 && base === before.json;
  const after = unchanged ? before : await commit(job, before, base, added, held === null);
  // Said again even where nothing changed: an earlier export may have been broken off before it came to this.
  await folder.hint(after.version);
  return {
    name,
    table,
    files: files.length,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    added: added.length,
    metadata: folder.metadataUri(versionName(after.version)),
  };
}

async function commit(
  job: TableJob,
  before: TableVersion | null,
  base: TableJson,
  added: readonly DataFileEntry[],
  replaces: boolean,
): Promise<TableVersion> {
  const { table, folder, files, now } = job;
  const parent = currentSnapshot(base);
  const kept = async (): Promise<ManifestFile[]> =>
    parent === undefined ? [] : decodeManifestList(await folder.read(parent['manifest-list']));
  const appended = await appendFiles({
    table,
    json: base,
    manifests: replaces ? null : await kept(),
    added: described(job, added),
    now,
    summary: summaryOf(job, files),
    put: (name, bytes) => folder.put(name, bytes),
  });
  const { version, json } =
    before === null
      ? { version: 1, json: appended }
      : {
          version: before.version + 1,
          json: withPredecessor(
            appended,
            folder.metadataUri(versionName(before.version)),
            before.json['last-updated-ms'],
          ),
        };
  // All that it names is there. A crash before this line leaves files that nothing names.
  await folder.publish({ version, json });
  return { version, json };
}

/** In batches of near days, so that an engine opens few manifests for few days. */
async function* described(job: TableJob, added: readonly DataFileEntry[]): AsyncGenerator<IcebergDataFile[]> {
  const byDay = added.toSorted((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)));
  for (let from = 0; from < byDay.length; from += MANIFEST_FILES) {
    const batch = byDay.slice(from, from + MANIFEST_FILES);
    yield await pooled(batch, READS_AT_ONCE, async (entry) => {
      const file = await describe(job.vault, entry, job.place);
      job.onFile();
      return file;
    });
  }
}

/** What later exports need to know of this one. */
const FILES = 'akashi.files';
const FILES_HASH = 'akashi.files-sha256';
const DATA = 'akashi.data';
const LAKE = 'akashi.lake';

const summaryOf = (
  { head, mode, origin }: TableJob,
  files: readonly DataFileEntry[],
): Record<string, string> => ({
  'akashi.head': head,
  ...(origin === null ? {} : { [LAKE]: origin }),
  [DATA]: mode,
  [FILES]: String(files.length),
  [FILES_HASH]: hashOf(files),
});

/** How many of the files, from the first, the table has; null when it has others, because the lake was compacted since. */
function heldBy(json: TableJson, files: readonly DataFileEntry[]): number | null {
  const summary = summaryIn(json);
  const held = Number(summary[FILES] ?? 0);
  return held === 0 || summary[FILES_HASH] === hashOf(files.slice(0, held)) ? held : null;
}

const summaryIn = (json: TableJson): Readonly<Record<string, string>> => currentSnapshot(json)?.summary ?? {};

const hashOf = (files: readonly DataFileEntry[]): string =>
  hash('sha256', files.map(({ key, sha256 }) => `${key} ${sha256}\n`).join(''), 'hex');

/** Only what an earlier export of the same lake, in the same way, left is added to. */
function mustContinue({ files, folder, mode, origin }: TableJob, { json }: TableVersion, path: string): void {
  const summary = summaryIn(json);
  const isOurs = Number.isSafeInteger(Number(summary[FILES]));
  // Exports of older versions do not name the lake: those have to begin with the same files.
  const sameLake = summary[LAKE] === undefined ? heldBy(json, files) !== null : summary[LAKE] === origin;
  if (!isOurs || !sameLake) throw taken(path, 'it is of another lake, or not from akashi');
  if (json.location !== folder.uri) throw taken(path, `it says that it lies at ${json.location}`);
  if (summary[DATA] !== mode)
    throw taken(path, `its data files are ${summary[DATA]}, and these would be ${mode}`);
}
