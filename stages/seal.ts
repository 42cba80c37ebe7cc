/** SEAL: makes what was stored visible, all tables at once, by one swap of the head. */

import { type Head, readHead, swapHead } from '../lake/head.ts';
import { countCopies, decodePrints } from '../lake/identity-prints.ts';
import { type DataFileEntry, readTable, type TableMetadata, writeTable } from '../lake/table-metadata.ts';
import type { Row, TableName } from '../schema/columns.ts';
import type { Stores } from '../vault/evidence.ts';
import type { JobResult } from './job.ts';
import { BatchWriter, batchId, noFiles, printsKey } from './store.ts';

export interface Sealed {
  readonly head: Head;
  /** Rows that stand for an event the lake held already, or that this seal holds more than once. */
  readonly duplicateEvents: number;
  readonly duplicateFlows: number;
}

const ORDER: readonly TableName[] = ['events', 'flows', 'evidence', 'quarantine'];

/** `pending` are the manifests that the results come from; they leave the inbox once the head says they are sealed. */
export async function seal(
  stores: Stores,
  results: readonly JobResult[],
  pending: readonly string[],
): Promise<Sealed> {
  const { vault, state } = stores;
  const { head, version } = await readHead(state);
  const added = await gather(stores, results);
  const tables: Partial<Record<TableName, string>> = { ...head.tables };
  const duplicates = { events: 0, flows: 0 };

  for (const table of ORDER) {
    if (added[table].length === 0) continue;
    const before = await readTable(vault, head, table);
    const overlaps = new Set(before.overlapDays);
    if (table === 'events' || table === 'flows') {
      duplicates[table] = await findCopies(stores, before, added[table], overlaps);
    }
    const metadata: TableMetadata = {
      ...before,
      files: [...before.files, ...added[table]],
      overlapDays: [...overlaps].sort(),
    };
    tables[table] = (await writeTable(vault, metadata, head.sequence + 1)).key;
  }

  // Data files and metadata are durable and unseen. A crash before the swap leaves them as orphans of the same names.
  const next: Head = { ...head, sequence: head.sequence + 1, tables };
  await swapHead(state, next, version);
  // Sealed. A crash from here on leaves manifests in the inbox whose evidence the next run finds sealed.
  for (const key of pending) await state.remove(key);
  return { head: next, duplicateEvents: duplicates.events, duplicateFlows: duplicates.flows };
}

/** The results' files and one more for the evidence table. */
async function gather(
  { vault, state }: Stores,
  results: readonly JobResult[],
): Promise<Record<TableName, DataFileEntry[]>> {
  const files = noFiles();
  for (const result of results) for (const table of ORDER) files[table].push(...result.files[table]);
  const rows: Row<'evidence'>[] = results.flatMap(({ evidence }) => evidence);
  if (rows.length > 0) {
    const writer = new BatchWriter(
      vault,
      state,
      batchId(
        rows.map(({ sha256 }) => sha256 ?? ''),
        ['evidence/1'],
      ),
    );
    for (const row of rows) writer.evidence(row);
    files.evidence.push(...(await writer.finish()).evidence);
  }
  return files;
}

/** Adds the days on which an event is now held more than once, and counts the copies that the new files bring. */
async function findCopies(
  { state }: Stores,
  before: TableMetadata,
  added: readonly DataFileEntry[],
  overlaps: Set<string>,
): Promise<number> {
  let copies = 0;
  for (const day of new Set(added.map((file) => file.day))) {
    const prints = async (files: readonly DataFileEntry[]) =>
      Promise.all(
        files
          .filter((file) => file.day === day)
          .map(async ({ key }) => decodePrints((await state.get(printsKey(key))).body)),
      );
    const held = await prints(before.files);
    const fresh = await prints(added);
    const heldBefore = countCopies(held);
    const heldAfter = countCopies([...held, ...fresh]);
    if (heldAfter > 0) overlaps.add(day);
    copies += heldAfter - heldBefore;
  }
  return copies;
}
