/** SEAL: makes what was stored visible and provable, all tables and the ledger at once, by one swap of the head. */

import { createHash } from 'node:crypto';
import type { Draft } from '../ledger/entry.ts';
import type { GrownRows } from '../ledger/growth.ts';
import type { Ledger } from '../ledger/log.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { type Row, TABLES, type TableName } from '../schema/columns.ts';
import { filesOf, holdsDay } from '../tables/file-list.ts';
import type { Head } from '../tables/head.ts';
import { countNewCopies } from '../tables/identity-prints.ts';
import { type DataFileEntry, openTable, type TableRoot } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey } from '../vault/keys.ts';
import { pooled } from '../vault/pool.ts';
import { missing } from '../vault/store-error.ts';
import { commit, openHead, retried } from './commit.ts';
import { broughtRows, type FactRow, lateArrivals } from './coverage-facts.ts';
import { custodyOf, custodyRow, withoutSealed } from './custody-rows.ts';
import type { JobResult } from './job.ts';
import { dataDraft, evidenceDraft } from './ledger.ts';
import { growIndex, type TableChange } from './needle-index.ts';
import { isRecord, isStamp, readNotes } from './notes.ts';
import { printsOf } from './prints.ts';
import { noteSealed, refuseSealed, sealedMeanwhile } from './recover.ts';
import { type Look, sealedSinceLook } from './sealed-bodies.ts';
import { withoutSealedStamps } from './stamp-notes.ts';
import { type BatchFiles, batchId, noFiles, type RecordTable, writeRecords } from './store.ts';
import { changeTables, type TableEdit } from './table-change.ts';

export interface Sealed {
  readonly head: Head;
  /** The ledger after this seal. */
  readonly checkpoint: { readonly size: number; readonly root: string };
  /** Rows that stand for an event the lake held already, or that this seal holds more than once. */
  readonly duplicateEvents: number;
  readonly duplicateFlows: number;
}

/** What goes into a seal beside bodies and their rows. */
export interface SealMore {
  /** When it is sealed, microseconds; now, unless a test says otherwise. */
  readonly at?: number;
  /** When the run began that these bodies are of, microseconds: all its seals say the same. Left out, the last receipt. */
  readonly asOf?: number;
  readonly facts?: readonly FactRow[];
  readonly verdicts?: readonly Row<'verdicts'>[];
  readonly drafts?: readonly Draft[];
  /** How far it was looked whether these bodies are sealed already; without it all tables are gone through that are not known. */
  readonly look?: Look | null;
}

const ORDER = Object.keys(TABLES) as readonly TableName[];

/**
 * `pending` are the manifests that the results come from; they leave the inbox once the head says they are sealed. The
 * notes that wait are sealed with them; where there is nothing at all to seal, nothing is.
 * When another writer is faster with the head, it begins again. Throws LAKE_CHANGED when that one sealed one of these
 * bodies, STORE_CHANGED when writers never rest, HEAD_DAMAGED and TABLE_DAMAGED rather than build on what was altered.
 * After any of them, and after an unclear answer of a store, nothing is lost: what is in the inbox is sealed by the next run.
 */
export async function seal(
  stores: Stores,
  ledger: Ledger,
  results: readonly JobResult[],
  pending: readonly string[],
  more: SealMore = {},
): Promise<Sealed> {
  return retried(() => sealOnce(stores, ledger, results, pending, more));
}

async function sealOnce(
  stores: Stores,
  ledger: Ledger,
  results: readonly JobResult[],
  pending: readonly string[],
  more: SealMore,
): Promise<Sealed> {
  const { vault, state } = stores;
  const opened = await openHead(stores, ledger);
  const { head, log } = opened;
  const sequence = head.sequence + 1;
  const bodies = results.flatMap((result) => result.evidence);
  if (more.look) await refuseSealedSince(log, more.look, bodies);
  else await refuseSealed(stores, head, bodies);
  const inbox = await readNotes(state);
  const notes = [
    ...(await withoutSealed(stores, head, inbox.notes.filter(isRecord))),
    ...(await withoutSealedStamps(log, head, inbox.notes.filter(isStamp))),
  ];
  const done = async () => {
    for (const key of [...pending, ...inbox.notes.map((note) => note.key)]) await state.remove(key);
  };
  if (results.length === 0 && notes.length === 0 && isEmpty(more)) {
    await done();
    const checkpoint = { size: log.size, root: Buffer.from(log.root).toString('hex') };
    return { head, checkpoint, duplicateEvents: 0, duplicateFlows: 0 };
  }
  const evidence = await withLocks(stores, bodies);
  // A hold is an entry of its own and one in the chain of custody.
  const records: Draft[] = notes.flatMap(({ draft }): Draft[] =>
    draft.kind === 'hold' ? [draft, custodyOf(draft)] : [draft],
  );
  const custody = records.flatMap((draft, at) =>
    draft.kind === 'custody' ? [custodyRow(draft, log.size + evidence.length + at)] : [],
  );
  const facts = [
    ...broughtRows(
      results.map(({ tally }) => tally),
      asOfRun(bodies, more),
    ),
    ...(more.facts ?? []),
  ];
  const { files, rows } = await gather(stores, results, evidence, custody, { ...more, facts, sequence });
  const at = more.at ?? Date.now() * 1000;
  const tables: Partial<Record<TableName, string>> = { ...head.tables };
  const duplicates = { events: 0, flows: 0 };
  const drafts: Draft[] = [
    ...evidence.map(evidenceDraft),
    ...records,
    ...(more.drafts ?? []),
    ...(await lateArrivals(stores, head, facts)),
  ];

  const edits: TableEdit[] = [];
  const changes = new Map<TableName, TableChange>();
  for (const table of ORDER) {
    const added = files[table];
    if (added.length === 0) continue;
    const before = await openTable(vault, head, table);
    const overlaps = new Set(before.overlapDays);
    if (table === 'events' || table === 'flows') {
      duplicates[table] = await findCopies(stores, before, added, overlaps);
    }
    edits.push({ before, added, removed: [], overlapDays: [...overlaps].sort() });
    changes.set(table, { added, live: null });
  }
  const changed = await changeTables(stores, head, edits, at);
  for (const { before, added } of edits) {
    const { key, drafts: own } = changed.get(before.table)!;
    tables[before.table] = key;
    drafts.push(...added.map((file) => dataDraft(before.table, file)), ...own);
  }
  const parts = new Map(results.flatMap(({ needles }) => [...(needles ?? [])]));
  const grown = await growIndex(stores, head, changes, parts);
  const next = { tables, index: grown.index, rows };
  const committed = await commit(stores, ledger, opened, next, [...drafts, ...grown.drafts], () =>
    noteSealed(state, files.evidence),
  );
  // A crash before this line leaves manifests in the inbox whose evidence the next run finds sealed.
  await done();
  for (const key of grown.obsolete) await state.remove(key);
  return { ...committed, duplicateEvents: duplicates.events, duplicateFlows: duplicates.flows };
}

async function refuseSealedSince(
  log: LedgerReader,
  look: Look,
  bodies: readonly Row<'evidence'>[],
): Promise<void> {
  const found = await sealedSinceLook(
    log,
    look,
    bodies.map(({ sha256 }) => sha256 ?? ''),
  );
  const twice = bodies.find(({ sha256 }) => sha256 === found);
  if (twice !== undefined) throw sealedMeanwhile(twice);
}

/** Promises of a store are told to the second: copying a lake elsewhere may lose the rest of a file's time. */
const SECOND_MICROS = 1_000_000;

/** The rows with the date until which the store itself says that it keeps each body. */
const withLocks = ({ vault }: Stores, rows: readonly Row<'evidence'>[]): Promise<Row<'evidence'>[]> =>
  pooled(rows, 16, async (row) => {
    const key = evidenceKey(row.source!, row.sha256!);
    const stat = await vault.stat(key);
    // A manifest may say anything. To seal it would be final, and the body's true one would go with it.
    if (stat === null) throw missing(key, vault.name);
    const { lock } = stat;
    if (lock === undefined) return row;
    const seconds = Math.floor(lock.retainUntil.getTime() / 1000);
    return { ...row, retain_until: seconds * SECOND_MICROS };
  });

/** The results' files, and one more each for the tables of evidence and custody. */
async function gather(
  { vault, state }: Stores,
  results: readonly JobResult[],
  evidence: readonly Row<'evidence'>[],
  custody: readonly Row<'custody'>[],
  { facts = [], verdicts = [], sequence }: SealMore & { readonly sequence: number },
): Promise<{ files: BatchFiles; rows: GrownRows[] }> {
  const files = noFiles();
  const written: GrownRows[] = [];
  for (const result of results) for (const table of ORDER) files[table].push(...result.files[table]);
  // Named by the whole rows: the same bodies, received or read otherwise by a run that did not come to seal, make
  // another file, and write-once storage is never asked to take both under one name.
  const write = async <T extends RecordTable>(table: T, rows: readonly Row<T>[], format: string) => {
    if (rows.length === 0) return;
    const named = rows.map((row) => createHash('sha256').update(JSON.stringify(row)).digest('hex'));
    const batch = batchId(named, [format]);
    files[table].push(...(await writeRecords({ vault, state }, { table, batch, rows })));
    // The ledger's entries are the records of custody.
    if (table !== 'custody') written.push({ table, batch, rows });
  };
  await write('evidence', evidence, 'evidence/1');
  await write('custody', custody, 'custody/1');
  // Two seals of one run may say the same.
  await write('coverage_facts', facts, `coverage_facts/1 ${sequence}`);
  await write('verdicts', verdicts, `verdicts/1 ${sequence}`);
  return { files, rows: written };
}

const isEmpty = ({ facts = [], verdicts = [], drafts = [] }: SealMore): boolean =>
  facts.length + verdicts.length + drafts.length === 0;

const asOfRun = (bodies: readonly Row<'evidence'>[], { asOf }: SealMore): number =>
  asOf ?? bodies.reduce((latest, { received_at }) => Math.max(latest, received_at ?? 0), 0);

/** Adds the days on which an event is now held more than once, and counts the copies that the new files bring. */
async function findCopies(
  stores: Stores,
  before: TableRoot,
  added: readonly DataFileEntry[],
  overlaps: Set<string>,
): Promise<number> {
  let copies = 0;
  const days = new Set(added.map((file) => file.day));
  const earlier = await filesOf(stores.vault, before.table, before.list, holdsDay(days));
  for (const day of days) {
    const prints = async (files: readonly DataFileEntry[]) =>
      Promise.all(files.filter((file) => file.day === day).map((file) => printsOf(stores, file)));
    // Copies that were there before are settled, or the day is marked already.
    const brought = countNewCopies(await prints(earlier), await prints(added));
    if (brought > 0) overlaps.add(day);
    copies += brought;
  }
  return copies;
}
