/**
 * Data files made again, byte for byte: rows of bodies from evidence, records from what seals left, merged files from
 * the files that they were merged from. Whatever comes out otherwise than it was sealed is not stored.
 */

import { type DayJob, mergeDay, mergedBatch } from '../compaction/day-job.ts';
import { connectorById } from '../connectors/registry.ts';
import type { Entry, EntryOf } from '../ledger/entry.ts';
import { decodeGrowth } from '../ledger/growth.ts';
import { type Row, TABLES, type TableName } from '../schema/columns.ts';
import { custodyRow } from '../stages/custody-rows.ts';
import { UNDATED } from '../stages/data-file.ts';
import { type RecordTable, writeRecords } from '../stages/store.ts';
import type { Claims } from '../stages/verify/claims.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import { parseKey } from '../vault/keys.ts';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import { batchesAmong, type SealedBody } from './batches.ts';
import type { SealedEntries } from './history.ts';
import { evidenceRowOf } from './records.ts';
import type { RestoringStores } from './restoring-stores.ts';
import type { PassedOver } from './sealed-tree.ts';

/** Facts about data files, by key, as the lists of their tables have them. */
export type FileFacts = Map<string, DataFileEntry>;

export interface Restoring {
  readonly lake: Lake;
  readonly stores: RestoringStores;
  readonly facts: FileFacts;
  readonly claims: Claims;
  /** What is known of a file, as its table lists it; null of one that is gone. */
  readonly factsOf: (key: string) => Promise<DataFileEntry | null>;
  /** Keys of data files that are to be made again. */
  readonly needed: ReadonlySet<string>;
  /** Why something was not made again. */
  readonly reasons: PassedOver[];
  /** Growth of the seal that is looked at. */
  readonly growth: string | null;
}

type DataEntry = EntryOf<'data'>;

/** A merge or a re-mapping of one day, as its entries say. */
export interface ReplacedDay {
  readonly table: TableName;
  readonly day: string;
  readonly operation: 'compact' | 'remap';
  readonly removed: string[];
  readonly added: string[];
}

/** Makes again what is needed of one seal, but rows of bodies, which `rowJobs` names. */
export async function restoreSeal(restoring: Restoring, { entries, size }: SealedEntries): Promise<void> {
  const needed = entries.filter(
    (entry): entry is DataEntry => entry.kind === 'data' && restoring.needed.has(entry.key),
  );
  if (needed.length === 0) return;
  await restoreRecords(restoring, entries, size, needed);
  for (const day of replacedDays(entries)) await restoreMerged(restoring, entries, day);
}

const ROWS: ReadonlySet<string> = new Set(['events', 'flows', 'quarantine']);

const batchOf = (key: string): string | null => {
  const parts = parseKey(key);
  return parts?.class === 'data' || parts?.class === 'compacted' ? parts.batch : null;
};

function note({ facts }: Pick<Restoring, 'facts'>, files: Iterable<DataFileEntry>): void {
  for (const file of files) facts.set(file.key, file);
}

async function isLeft({ stores }: Restoring, key: string): Promise<boolean> {
  return !(await stores.has(key));
}

/** The batches of bodies that a seal took in, or mapped anew, whose rows are to be made again. Says why of those that cannot be. */
export function rowJobs(
  { facts, needed, reasons }: Pick<Restoring, 'facts' | 'needed' | 'reasons'>,
  entries: readonly Entry[],
): (readonly Manifest[])[] {
  const all = entries.filter((entry): entry is DataEntry => entry.kind === 'data' && ROWS.has(entry.table));
  const wanted = new Set(all.map(({ key }) => batchOf(key)!));
  const due = new Set(all.filter(({ key }) => needed.has(key)).map(({ key }) => batchOf(key)!));
  if (due.size === 0) return [];
  const jobs: (readonly Manifest[])[] = [];
  for (const bodies of [bodiesOf(entries), remappedOf(facts, entries)]) {
    for (const { batch, bodies: own } of batchesAmong(bodies, wanted)) {
      if (!due.has(batch)) continue;
      const changed = own.find(
        ({ manifest, mapping }) => (connectorById(manifest.source)?.mappingVersion ?? null) !== mapping,
      );
      if (changed === undefined) {
        jobs.push(own.map(({ manifest }) => manifest));
        continue;
      }
      const problem = `its rows were made by the mapping ${changed.mapping}, and this version has another`;
      for (const { key } of all)
        if (needed.has(key) && batchOf(key) === batch) reasons.push({ key, problem });
    }
  }
  return jobs;
}

/** Bodies by what their entries say; filled while entries pass by, for re-mappings later on. */
const known = new WeakMap<FileFacts, Map<string, SealedBody>>();

const bodiesOf = (entries: readonly Entry[]): SealedBody[] =>
  entries.filter((entry) => entry.kind === 'evidence').map(bodyOf);

/** A body as its entry says it, as far as reading its records needs it. */
export function bodyOf(entry: EntryOf<'evidence'>): SealedBody {
  const { sha256, size, source, role, origin, versionId, modified, receivedAt, mapping } = entry;
  return {
    manifest: {
      format: 1,
      source,
      role,
      sha256,
      size,
      origin,
      versionId,
      metadata: {},
      modified,
      receivedAt,
      collector: '',
    },
    mapping,
  };
}

/** Remembers the bodies of a seal: a later one may map them anew. */
export function rememberBodies(facts: FileFacts, entries: readonly Entry[]): void {
  const bodies = known.get(facts) ?? new Map<string, SealedBody>();
  known.set(facts, bodies);
  for (const body of bodiesOf(entries)) bodies.set(body.manifest.sha256, body);
}

function remappedOf(facts: FileFacts, entries: readonly Entry[]): SealedBody[] {
  const bodies = known.get(facts);
  return entries.flatMap((entry) => {
    const body = entry.kind === 'remap' ? bodies?.get(entry.sha256) : undefined;
    return body === undefined || entry.kind !== 'remap' ? [] : [{ ...body, mapping: entry.mapping }];
  });
}

/** Rows that no body says: as the seal left them, else what its entries say. */
async function restoreRecords(
  restoring: Restoring,
  entries: readonly Entry[],
  size: number,
  needed: readonly DataEntry[],
): Promise<void> {
  const due = new Set(needed.filter(({ table }) => !ROWS.has(table)).map(({ key }) => batchOf(key)!));
  if (due.size === 0) return;
  const write = async (table: string, batch: string, rows: readonly object[]) => {
    if (!due.has(batch)) return;
    const record = { table: table as RecordTable, batch, rows: rows as readonly Row<RecordTable>[] };
    note(restoring, await writeRecords(restoring.stores, record));
  };
  const { growth } = restoring;
  if (growth !== null) {
    const stored = await restoring.lake.vault.get(growth).catch(() => null);
    const decoded = stored === null ? null : decodeGrowth(growth, stored.body);
    for (const { table, batch, rows } of decoded?.ok ? decoded.value.rows : [])
      if (Object.hasOwn(TABLES, table)) await write(table, batch, rows);
    if (decoded?.ok !== true) restoring.reasons.push({ key: growth, problem: 'it cannot be read' });
  }
  const custody = entries.flatMap((entry, at) =>
    entry.kind === 'custody' ? [custodyRow(entry, size - entries.length + at)] : [],
  );
  const evidence = entries.filter((entry) => entry.kind === 'evidence');
  for (const { table, key } of needed) {
    if (table === 'custody' && (await isLeft(restoring, key))) await write(table, batchOf(key)!, custody);
    if (table === 'evidence' && (await isLeft(restoring, key)))
      await write(table, batchOf(key)!, await evidenceRows(restoring, evidence));
  }
}

/** As an older version sealed them, which left nothing but their entries. */
async function evidenceRows(
  { stores }: Restoring,
  entries: readonly EntryOf<'evidence'>[],
): Promise<Row<'evidence'>[]> {
  const rows: Row<'evidence'>[] = [];
  for (const entry of entries) rows.push(await evidenceRowOf(stores, entry));
  return rows;
}

/** The days that a seal replaced files of: consecutive entries of one table and day belong together. */
export function replacedDays(entries: readonly Entry[]): ReplacedDay[] {
  const days = new Map<string, ReplacedDay>();
  for (const entry of entries) {
    if (entry.kind !== 'replace') continue;
    for (const which of ['removed', 'added'] as const)
      for (const key of entry[which]) {
        const parts = parseKey(key);
        const day = parts !== null && 'day' in parts ? parts.day : UNDATED;
        const name = `${entry.table} ${day}`;
        const table = entry.table as TableName;
        const own = days.get(name) ?? { table, day, operation: entry.operation, removed: [], added: [] };
        days.set(name, own);
        own[which].push(key);
      }
  }
  return [...days.values()];
}

/** How the files of a day were merged, told from their names; null for what came from evidence. */
export function mergeOf(
  { table, day, removed, added }: ReplacedDay,
  entries: readonly Entry[],
  data: Claims['data'],
): (Omit<DayJob, 'files'> & { readonly batch: string }) | null {
  const inputs = removed.flatMap((key) => {
    const claim = data.get(key);
    if (claim === undefined) return [];
    return [{ key, sha256: claim.sha256, ...(claim.copies ? { copies: true as const } : {}) }];
  });
  if (inputs.length === 0 || inputs.length < removed.length) return null;
  const names = new Map(added.map((key) => [batchOf(key), parseKey(key)?.class === 'compacted']));
  const mapped = entries.flatMap((entry) => (entry.kind === 'remap' ? [entry.sha256] : [])).sort();
  for (const without of [[], mapped])
    for (const settle of [false, true]) {
      const batch = mergedBatch({ files: inputs, settle, without });
      const compacted = names.get(batch);
      if (compacted !== undefined)
        return { table, day, settle, compacted, batch, ...(without.length === 0 ? {} : { without }) };
    }
  return null;
}

async function restoreMerged(
  restoring: Restoring,
  entries: readonly Entry[],
  replaced: ReplacedDay,
): Promise<void> {
  const due: string[] = [];
  for (const key of replaced.added)
    if (restoring.needed.has(key) && (await isLeft(restoring, key))) due.push(key);
  if (due.length === 0) return;
  const reason = (problem: string) => {
    for (const key of due) restoring.reasons.push({ key, problem });
  };
  const merge = mergeOf(replaced, entries, restoring.claims.data);
  if (merge === null) {
    reason('it was made by another version of the program, or of files that are gone');
    return;
  }
  const files: DataFileEntry[] = [];
  for (const key of replaced.removed) {
    const facts = (await isLeft(restoring, key)) ? null : await restoring.factsOf(key);
    if (facts === null) {
      reason(`it was merged from ${key}, which could not be made again`);
      return;
    }
    files.push(facts);
  }
  const { lake, stores } = restoring;
  const { batch: _, ...job } = merge;
  const merged = await mergeDay({ ...stores, scratchPath: lake.scratchPath }, { ...job, files });
  note(restoring, merged.files);
}
