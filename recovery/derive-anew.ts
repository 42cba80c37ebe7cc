/**
 * What cannot be made again as it was sealed is said otherwise, on record: rows derived from evidence by today's
 * mappings take the place of the files that are gone, in one new snapshot. What is left of older snapshots is given up,
 * by name.
 */

import { remapDraft } from '../compaction/remap.ts';
import { batchesOf, type StaleBody } from '../compaction/stale-bodies.ts';
import { type Draft, decodeEntry } from '../ledger/entry.ts';
import type { GrownRows } from '../ledger/growth.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { type Row, TABLES, type TableName } from '../schema/columns.ts';
import { commit, openHead } from '../stages/commit.ts';
import { broughtRows, type FactRow } from '../stages/coverage-facts.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { HourTally } from '../stages/hour-tally.ts';
import { runJob } from '../stages/job.ts';
import { dataDraft, openLedger } from '../stages/ledger.ts';
import { readRows } from '../stages/parquet-rows.ts';
import { printsOf } from '../stages/prints.ts';
import { batchId, type RecordTable, writeRecords } from '../stages/store.ts';
import { changeTables } from '../stages/table-change.ts';
import { countCopies } from '../tables/identity-prints.ts';
import { type DataFileEntry, emptyRoot } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import type { Lake } from '../vault/lake.ts';
import type { History } from './history.ts';
import { gatherRecords } from './records.ts';
import { TableLists } from './table-lists.ts';
import type { RestoredTables } from './tables.ts';

const ROW_TABLES = ['events', 'flows', 'quarantine'] as const;
const RECORD_TABLES = ['evidence', 'custody', 'coverage_facts', 'verdicts'] as const satisfies RecordTable[];

export interface DerivedAnew {
  /** Tables that have other files from here on, and their rows. */
  readonly tables: readonly TableName[];
  readonly rows: number;
  /** Files that were gone and are given up, by name, those of older snapshots among them. */
  readonly givenUp: number;
  readonly withoutMetadata: number;
  readonly withoutFacts: number;
  readonly checkpoint: { readonly size: number; readonly root: string };
}

/** Keys in one ledger entry. */
const KEYS_PER_ENTRY = 200;

/** Needs the signing key. Throws as seals do; run again, it derives files of the same names. */
export async function deriveAnew(
  lake: Lake,
  log: LedgerReader,
  history: History,
  lost: RestoredTables,
  now: number,
  onBatch: (done: number, total: number) => void = () => {},
): Promise<DerivedAnew> {
  const { claims } = history;
  const incomplete = new Set(lost.lostLive.map(tableOf));
  // Their rows come of the same bodies, and another mapping may put them elsewhere.
  const rowsLost = ROW_TABLES.some((table) => incomplete.has(table));
  if (rowsLost) for (const table of ROW_TABLES) incomplete.add(table);
  const made = new Map<TableName, readonly DataFileEntry[]>();
  const drafts: Draft[] = [];
  if (rowsLost) {
    const derived = await deriveRows(lake, history, onBatch);
    for (const table of ROW_TABLES) made.set(table, derived.files[table]);
    drafts.push(...changedMappings(history, derived.evidence, now));
  }
  const records = new Set(RECORD_TABLES.filter((table) => incomplete.has(table)));
  const gathered = await gatherRecords(lake, log, history, records);
  const lists = new TableLists(lake, claims, lost.facts);
  const kept = async (table: TableName): Promise<DataFileEntry[]> => {
    const files: DataFileEntry[] = [];
    for (const key of liveKeys(history, lost, table)) {
      const facts = incomplete.has(table) ? null : await lists.factsOf(key);
      if (facts !== null) files.push(facts);
    }
    return files;
  };
  const written: GrownRows[] = [];
  for (const [table, rows] of gathered.rows) {
    const all = [...rows];
    if (table === 'coverage_facts') all.push(...(await countsLeft(lake, made, kept, all, log)));
    const hashed = all.map((row) => batchId([JSON.stringify(row)], [table]));
    const own = { table, batch: batchId(hashed, [`${table}/again`]), rows: all as Row<RecordTable>[] };
    made.set(table, await writeRecords(lake, own));
    written.push(own);
  }
  const opened = await openHead(lake, await openLedger(lake));
  const tables: Partial<Record<TableName, string>> = { ...opened.head.tables };
  const inUse = (key: string) => claims.lists.get(key) ?? claims.metadata.get(tableOf(key)) === key;
  const broken = lost.lostLists.filter(inUse).map((key) => tableOf(key).replace(/_copies$/, ''));
  const changed = (Object.keys(TABLES) as TableName[]).filter(
    (table) => incomplete.has(table) || broken.includes(table),
  );
  const again = new Set<string>();
  for (const table of changed) {
    const live = liveKeys(history, lost, table);
    const files = [...(await kept(table)), ...(made.get(table) ?? [])];
    const listed = new Set(files.map(({ key }) => key));
    const before = new Set(live);
    const added = files.filter(({ key }) => !before.has(key));
    const removed = live.filter((key) => !listed.has(key));
    drafts.push(...added.map((file) => dataDraft(table, file)));
    for (let from = 0; from < removed.length; from += KEYS_PER_ENTRY)
      drafts.push({
        kind: 'replace',
        table,
        operation: 'remap',
        removed: removed.slice(from, from + KEYS_PER_ENTRY),
        added: from === 0 ? added.slice(0, KEYS_PER_ENTRY).map(({ key }) => key) : [],
        at: now,
      });
    const overlapDays = table === 'events' || table === 'flows' ? await daysWithCopies(lake, files) : [];
    const edit = { before: emptyRoot(table), added: files, removed: [], overlapDays };
    const { key, drafts: own } = (await changeTables(lake, opened.head, [edit], now)).get(table)!;
    tables[table] = key;
    const named = new Set(own.flatMap((draft) => (draft.kind === 'lists' ? draft.added : [])));
    const left = [...claims.lists].flatMap(([list, used]) =>
      used && tableOf(list).replace(/_copies$/, '') === table && !named.has(list) ? [list] : [],
    );
    for (let from = 0; from < left.length; from += KEYS_PER_ENTRY)
      drafts.push({
        kind: 'lists',
        table,
        added: [],
        removed: left.slice(from, from + KEYS_PER_ENTRY),
        at: now,
      });
    for (const list of named) again.add(list);
    drafts.push(...own);
  }
  for (const key of [...Object.values(tables), ...[...made.values()].flat().map(({ key }) => key)])
    again.add(key);
  const lostKeys = [...lost.lostLive, ...lost.lostOld, ...lost.lostLists];
  const stillGone = [...new Set(lostKeys)].filter((key) => !again.has(key));
  // Whatever was listed is replaced by now, so that it may be given up.
  for (const [table, keys] of Map.groupBy(stillGone, tableOf))
    for (let from = 0; from < keys.length; from += KEYS_PER_ENTRY)
      drafts.push({ kind: 'expire', table, keys: keys.slice(from, from + KEYS_PER_ENTRY), at: now });
  const ledger = await openLedger(lake);
  const next = { tables, index: opened.head.index, rows: written.filter(({ table }) => table !== 'custody') };
  const { checkpoint } = await commit(lake, ledger, await openHead(lake, ledger), next, drafts);
  return {
    tables: changed,
    rows: [...made.values()].flat().reduce((sum, { rows }) => sum + rows, 0),
    givenUp: stillGone.length,
    withoutMetadata: gathered.withoutMetadata,
    withoutFacts: gathered.withoutFacts,
    checkpoint,
  };
}

const tableOf = (key: string): TableName => key.split('/')[1] as TableName;

/** Files that a table lists, in its order as far as that is known. */
function liveKeys({ claims }: History, { files }: RestoredTables, table: TableName): string[] {
  const place = new Map((files?.(table) ?? []).map((key, at) => [key, at]));
  return [...claims.data]
    .filter(([key, claim]) => claim.table === table && !claims.replaced.has(key))
    .map(([key]) => key)
    .sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}

/** The rows of every body, by the mappings of this version. */
async function deriveRows(
  lake: Lake,
  { claims }: History,
  onBatch: (done: number, total: number) => void,
): Promise<{
  files: Record<(typeof ROW_TABLES)[number], DataFileEntry[]>;
  evidence: readonly Row<'evidence'>[];
}> {
  const bodies = [...claims.evidence.values()].map(
    ({ role, source, sha256, size, origin, modified }): StaleBody => {
      const lostFacts = { versionId: null, metadata: {}, receivedAt: 0, collector: '' };
      const own = { source, role: role as 'records', sha256, size, origin, modified };
      return { manifest: { format: 1, ...own, ...lostFacts }, firstTime: null, lastTime: null };
    },
  );
  const files: Record<(typeof ROW_TABLES)[number], DataFileEntry[]> = {
    events: [],
    flows: [],
    quarantine: [],
  };
  const evidence: Row<'evidence'>[] = [];
  for (const batch of batchesOf(bodies)) {
    onBatch(evidence.length, bodies.length);
    const manifests = batch.map(({ manifest }) => manifest);
    const result = await runJob(lake, manifests, EXPANSION_LIMITS);
    for (const table of ROW_TABLES) files[table].push(...result.files[table]);
    evidence.push(...result.evidence);
  }
  return { files, evidence };
}

/** Entries for bodies that another mapping reads now: what their own entries counted no longer holds. */
const changedMappings = ({ claims }: History, rows: readonly Row<'evidence'>[], now: number): Draft[] =>
  rows
    .filter(({ sha256, mapping_version }) => claims.evidence.get(sha256!)?.mapping !== mapping_version)
    .filter(({ mapping_version }) => mapping_version !== null)
    .map((row) => remapDraft(row, now));

/**
 * Rows that make coverage count what is stored: what the facts that are left do not say. As of the last receipt, since
 * when each run began is not known any more.
 */
async function countsLeft(
  { vault }: Stores,
  made: ReadonlyMap<TableName, readonly DataFileEntry[]>,
  kept: (table: TableName) => Promise<readonly DataFileEntry[]>,
  said: readonly object[],
  log: LedgerReader,
): Promise<FactRow[]> {
  const tally = new HourTally();
  for (const table of ['events', 'flows'] as const)
    for (const { key } of made.get(table) ?? (await kept(table)))
      for (const row of await readRows((await vault.get(key)).body, ['time', 'source', 'account', 'region']))
        tally.add(row as unknown as Parameters<HourTally['add']>[0]);
  for (const row of said as FactRow[]) if (row.basis === 'records') tally.add(row, -row.records!);
  const left = tally.counts().filter(({ records }) => records !== 0);
  return broughtRows([left], await lastReceipt(log));
}

async function lastReceipt(log: LedgerReader): Promise<number> {
  let last = 0;
  for await (const { bytes } of log.readEntries(0, log.size)) {
    const entry = decodeEntry(bytes);
    if (entry.ok && entry.value.kind === 'evidence') last = Math.max(last, entry.value.receivedAt);
  }
  return last;
}

/** Days on which files hold an event more than once: a day too many costs time, and never a row. */
async function daysWithCopies(stores: Stores, files: readonly DataFileEntry[]): Promise<string[]> {
  const days: string[] = [];
  for (const [day, own] of Map.groupBy(files, (file) => file.day)) {
    const prints = await Promise.all(own.map((file) => printsOf(stores, file)));
    if (countCopies(prints) > 0) days.push(day);
  }
  return days.sort();
}
