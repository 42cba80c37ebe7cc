/** The lake's tables as Apache Iceberg tables, for engines that are not ours: https://iceberg.apache.org/spec/ */

import { hash, randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { headName } from '../engine/lake-snapshot.ts';
import { TABLES, type TableName } from '../schema/columns.ts';
import { readHead } from '../tables/head.ts';
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

const READS_AT_ONCE = 16;

/**
 * Writes every stored table as of the lake's head. A location that an earlier export of this lake wrote gets a snapshot
 * more, with the data files that came since; an export that was broken off is simply run again. Throws ICEBERG_TAKEN
 * for a location with anything else, DATA_ALTERED, ICEBERG_PATH, and as the lake's stores do.
 */
export async function exportIceberg(lake: Lake, request: IcebergRequest): Promise<IcebergExport> {
  const started = performance.now();
  const { head } = await readHead(lake.state);
  const root = request.readAt?.replace(/\/+$/, '') ?? fileUri(request.location);
  let done = 0;
  const tables: IcebergTable[] = [];
  for (const table of ICEBERG_TABLES) {
    const { files } = await readTable(lake.vault, head, table);
    const folder = join(resolve(request.location), table);
    const uri = `${root}/${table}`;
    const job: TableJob = {
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

interface TableJob {
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
  const { table, files, folder, now } = job;
  const before = await folder.current();
  if (before !== null) mustContinue(job, before, path);
  const base =
    before === null
      ? newTable({ table, uuid: randomUUID(), location: folder.uri, now })
      : withCurrentSchema(before.json, table);
  const held = filesIn(base);
  const added = files.slice(held);
  const unchanged = before !== null && added.length === 0 && base === before.json;
  const after = unchanged ? before : await commit(job, before, base, added);
  // Said again even where nothing changed: an earlier export may have been broken off before it came to this.
  await folder.hint(after.version);
  return {
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
): Promise<TableVersion> {
  const { table, folder, files, now } = job;
  const parent = currentSnapshot(base);
  const manifests: ManifestFile[] =
    parent === undefined ? [] : decodeManifestList(await folder.read(parent['manifest-list']));
  const appended = await appendFiles({
    table,
    json: base,
    manifests,
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

const summaryOf = ({ head, mode }: TableJob, files: readonly DataFileEntry[]): Record<string, string> => ({
  'akashi.head': head,
  [DATA]: mode,
  [FILES]: String(files.length),
  [FILES_HASH]: hashOf(files),
});

const filesIn = (json: TableJson): number => Number(currentSnapshot(json)?.summary[FILES] ?? 0);

const hashOf = (files: readonly DataFileEntry[]): string =>
  hash('sha256', files.map(({ key, sha256 }) => `${key} ${sha256}\n`).join(''), 'hex');

/** Only what an earlier export of the same lake, in the same way, left is added to. */
function mustContinue({ files, folder, mode }: TableJob, { json }: TableVersion, path: string): void {
  const summary: Readonly<Record<string, string>> = currentSnapshot(json)?.summary ?? {};
  const held = Number(summary[FILES]);
  if (!Number.isSafeInteger(held) || summary[FILES_HASH] !== hashOf(files.slice(0, held)))
    throw taken(path, 'it is of another lake, or not from akashi');
  if (json.location !== folder.uri) throw taken(path, `it says that it lies at ${json.location}`);
  if (summary[DATA] !== mode)
    throw taken(path, `its data files are ${summary[DATA]}, and these would be ${mode}`);
}
