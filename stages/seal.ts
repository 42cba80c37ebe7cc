/** SEAL: makes what was stored visible and provable, all tables and the ledger at once, by one swap of the head. */

import { createHash } from 'node:crypto';
import { type Draft, encodeEntry } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/log.ts';
import { linkEntries, streamOf } from '../ledger/stream.ts';
import { type Row, TABLES, type TableName } from '../schema/columns.ts';
import { HEAD_FORMAT, type Head, readHead, swapHead } from '../tables/head.ts';
import { countCopies } from '../tables/identity-prints.ts';
import { type DataFileEntry, readTable, type TableMetadata, writeTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { checkHead } from './head-check.ts';
import type { JobResult } from './job.ts';
import { dataDraft, evidenceDraft, sealDraft } from './ledger.ts';
import { printsOf } from './prints.ts';
import { noteSealed, refuseSealed } from './recover.ts';
import { type BatchFiles, BatchWriter, batchId, noFiles } from './store.ts';

export interface Sealed {
  readonly head: Head;
  /** The ledger after this seal. */
  readonly checkpoint: { readonly size: number; readonly root: string };
  /** Rows that stand for an event the lake held already, or that this seal holds more than once. */
  readonly duplicateEvents: number;
  readonly duplicateFlows: number;
}

const ORDER = Object.keys(TABLES) as readonly TableName[];

/**
 * `pending` are the manifests that the results come from; they leave the inbox once the head says they are sealed.
 * Throws LAKE_CHANGED when another writer sealed one of these bodies meanwhile, STORE_CHANGED when it was faster with the
 * head, HEAD_DAMAGED and TABLE_DAMAGED rather than build on what was altered. After any of them, and after an unclear
 * answer of a store, nothing is lost: what is in the inbox is sealed by the next run.
 */
export async function seal(
  stores: Stores,
  ledger: Ledger,
  results: readonly JobResult[],
  pending: readonly string[],
): Promise<Sealed> {
  const { vault, state } = stores;
  let current = await readHead(state);
  const log = await ledger.recover(async () => {
    current = await readHead(state);
    return checkpointBytes(current.head);
  });
  const { head, version } = current;
  const sequence = head.sequence + 1;
  const bodies = results.flatMap((result) => result.evidence);
  await refuseSealed(stores, head, bodies);
  const { files, evidence } = await gather(stores, results, bodies);
  const tables: Partial<Record<TableName, string>> = { ...head.tables };
  const duplicates = { events: 0, flows: 0 };
  const drafts: Draft[] = evidence.map(evidenceDraft);

  for (const table of ORDER) {
    const added = files[table];
    if (added.length === 0) continue;
    const before = await readTable(vault, head, table);
    const overlaps = new Set(before.overlapDays);
    if (table === 'events' || table === 'flows') {
      duplicates[table] = await findCopies(stores, before, added, overlaps);
    }
    const metadata: TableMetadata = {
      ...before,
      files: [...before.files, ...added],
      overlapDays: [...overlaps].sort(),
    };
    const { key, sha256 } = await writeTable(vault, metadata, sequence);
    tables[table] = key;
    drafts.push(...added.map((file) => dataDraft(table, file)), { kind: 'metadata', table, key, sha256 });
  }
  const grownFrom = checkpointBytes(head);
  if (grownFrom !== null) drafts.push(sealDraft(log.size, grownFrom));

  await checkHead(log, head, drafts.map(streamOf));
  const { entries, tails } = linkEntries(drafts, log.size, new Map(Object.entries(head.tails)));
  const prepared = await ledger.prepare(entries.map(encodeEntry));
  await ledger.stage(prepared);
  // All is durable and unseen. A crash before the swap leaves orphans that the next run names alike or never asks for.
  const next: Head = {
    format: HEAD_FORMAT,
    sequence,
    tables,
    checkpoint: Buffer.from(prepared.checkpointNote).toString('utf8'),
    tails: Object.fromEntries(tails),
  };
  await swapHead(state, next, version);
  noteSealed(state, files.evidence);
  // Sealed. A crash from here on leaves tiles that recovery writes from the staging bundle, and manifests in the inbox
  // whose evidence the next run finds sealed.
  await ledger.replay(prepared.stagingBundle, prepared.checkpointNote);
  for (const key of pending) await state.remove(key);
  return {
    head: next,
    checkpoint: { size: prepared.size, root: Buffer.from(prepared.root).toString('hex') },
    duplicateEvents: duplicates.events,
    duplicateFlows: duplicates.flows,
  };
}

const checkpointBytes = (head: Head): Uint8Array | null =>
  head.checkpoint === null ? null : Buffer.from(head.checkpoint);

/** The results' files, and one more for the evidence table. */
async function gather(
  { vault, state }: Stores,
  results: readonly JobResult[],
  evidence: readonly Row<'evidence'>[],
): Promise<{ files: BatchFiles; evidence: readonly Row<'evidence'>[] }> {
  const files = noFiles();
  for (const result of results) for (const table of ORDER) files[table].push(...result.files[table]);
  if (evidence.length > 0) {
    // Named by the whole rows: the same bodies, received or read otherwise by a run that did not come to seal, make
    // another file, and write-once storage is never asked to take both under one name.
    const named = evidence.map((row) => createHash('sha256').update(JSON.stringify(row)).digest('hex'));
    const writer = new BatchWriter(vault, state, batchId(named, ['evidence/1']));
    for (const row of evidence) writer.evidence(row);
    files.evidence.push(...(await writer.finish()).evidence);
  }
  return { files, evidence };
}

/** Adds the days on which an event is now held more than once, and counts the copies that the new files bring. */
async function findCopies(
  stores: Stores,
  before: TableMetadata,
  added: readonly DataFileEntry[],
  overlaps: Set<string>,
): Promise<number> {
  let copies = 0;
  for (const day of new Set(added.map((file) => file.day))) {
    const prints = async (files: readonly DataFileEntry[]) =>
      Promise.all(files.filter((file) => file.day === day).map((file) => printsOf(stores, file)));
    const held = await prints(before.files);
    const fresh = await prints(added);
    const heldBefore = countCopies(held);
    const heldAfter = countCopies([...held, ...fresh]);
    if (heldAfter > 0) overlaps.add(day);
    copies += heldAfter - heldBefore;
  }
  return copies;
}
