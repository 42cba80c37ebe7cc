/** A collect broken at one write and run again: what must be true of the lake afterwards. */

import { expect } from 'vitest';
import { type LogIdentity, openCheckpoint } from '../../ledger/checkpoint.ts';
import { decodeEntry } from '../../ledger/entry.ts';
import { verifyConsistency } from '../../ledger/merkle-proof.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import type { Stores } from '../../vault/evidence.ts';
import { type Fate, faultyLake, watched } from './faulty-lake.ts';
import { copyOf, noteOf, rowsIn, storesOf, verification, type Workshop, type World } from './memory-lake.ts';

const TABLES = ['events', 'flows', 'quarantine', 'evidence'] as const;

export const answersOf = async (stores: Stores): Promise<string[][]> =>
  Promise.all(TABLES.map((table) => rowsIn(stores, table)));

/** What a collect that nothing disturbed makes of `base` and these files. */
export async function undisturbed(
  workshop: Workshop,
  base: World,
  paths: readonly string[],
): Promise<string[][]> {
  const world = copyOf(base);
  await workshop.collect(storesOf(world), ...paths);
  return answersOf(storesOf(world));
}

/**
 * Breaks write number `at` of a collect, runs it again on healthy stores, and checks the outcome. False when the collect
 * has fewer writes than that.
 */
export const survives = (
  workshop: Workshop,
  base: World,
  paths: readonly string[],
  expected: readonly string[][],
  at: number,
  fate: Fate,
): Promise<boolean> =>
  survivesDoing(workshop, base, (stores) => workshop.collect(stores, ...paths), expected, at, fate);

/** The same of whatever a writer does. */
export async function survivesDoing(
  workshop: Workshop,
  base: World,
  act: (stores: Stores) => Promise<unknown>,
  expected: readonly string[][],
  at: number,
  fate: Fate,
): Promise<boolean> {
  const world = copyOf(base);
  const published: Uint8Array[] = [];
  const stores = watched(storesOf(world), published);
  const faulty = faultyLake(stores, at, fate);
  const outcome = await act(faulty).then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );
  if (faulty.written() < at) {
    expect(outcome).toBe('done');
    return false;
  }
  // Reported, never passed over.
  expect(outcome).toBe('STORE_FAILED');
  // What the crash left is no alarm.
  expect(await verification(world, await workshop.identity())).toMatchObject({ ok: true, problems: [] });
  await act(stores);
  expect(await answersOf(stores)).toEqual(expected);
  await mustBeWhole(world, await workshop.identity(), published);
  return true;
}

/** Verified to the last row, each body sealed once, and every checkpoint ever seen a beginning of the log. */
export async function mustBeWhole(
  world: World,
  identity: LogIdentity,
  published: readonly Uint8Array[],
): Promise<void> {
  expect(await verification(world, identity, { rederive: true })).toMatchObject({ ok: true, problems: [] });
  const stores = storesOf(world);
  const reader = await openSealed(stores, identity, (await noteOf(stores))!);
  const bodies: string[] = [];
  const records: string[] = [];
  for await (const { bytes } of reader.readEntries(0, reader.size)) {
    const entry = need(decodeEntry(bytes));
    if (entry.kind === 'evidence') bodies.push(entry.sha256);
    if (entry.kind === 'custody') records.push(entry.id);
  }
  expect(bodies).toEqual([...new Set(bodies)]);
  expect(records).toEqual([...new Set(records)]);
  expect(published.length).toBeGreaterThan(0);
  for (const note of published) {
    const { size, root } = need(openCheckpoint(note, identity));
    const proof = await reader.consistencyProof(size);
    expect(verifyConsistency(size, reader.size, proof, root, reader.root)).toBe(true);
  }
}
