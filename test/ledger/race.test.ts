import { expect, test } from 'vitest';
import { openCheckpoint } from '../../ledger/checkpoint.ts';
import { decodeEntry } from '../../ledger/entry.ts';
import { verifyConsistency } from '../../ledger/merkle-proof.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import { hasCode, type LedgerStores } from '../../ledger/store.ts';
import { faultyStores } from './parts/faults.ts';
import { check, entryBytes, headOf, LOG, newWorld, Writer } from './parts/world.ts';

const WRITERS = 5;
// LEDGER_SEALS=80 for ten thousand entries.
const SEALS = Number(process.env['LEDGER_SEALS'] ?? 15);
const BATCH = 25;

/** Lets the others go first, now and then; a fixed seed makes the run repeatable as far as the scheduler allows. */
function pauses(seed: number): () => Promise<void> {
  let state = seed;
  return async () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
  };
}

/** Seals its batches whatever the others do; its entries say whose they are and in which order. */
async function race(stores: LedgerStores, name: string): Promise<void> {
  const writer = new Writer(stores);
  await writer.recover();
  for (let done = 0; done < SEALS; ) {
    const entries = Array.from({ length: BATCH }, (_, at) => entryBytes(done * BATCH + at, name));
    try {
      await writer.seal(entries);
      done++;
    } catch (error) {
      if (!hasCode(error, 'STORE_CHANGED')) throw error;
      await writer.recover();
    }
  }
}

test('writers that race for the head make one history, with everything in it once', {
  timeout: 600_000,
}, async () => {
  const world = newWorld();
  const heads: Uint8Array[] = [];
  const watched: LedgerStores = {
    vault: world.vault,
    state: {
      ...world.state,
      putIfUnchanged: async (key, body, expected) => {
        const version = await world.state.putIfUnchanged(key, body, expected);
        if (key === 'head') heads.push(body);
        return version;
      },
    },
  };
  const names = Array.from({ length: WRITERS }, (_, at) => `w${at}`);
  await Promise.all(
    names.map((name, at) =>
      race(
        faultyStores(watched, () => 'fine', pauses(at + 1)),
        name,
      ),
    ),
  );

  const total = WRITERS * SEALS * BATCH;
  expect(await check(world)).toMatchObject({ ok: true, size: total, problems: [] });
  expect(heads).toHaveLength(WRITERS * SEALS);
  const reader = await openSealed(world, LOG, (await headOf(world))!);
  // Each head a beginning of the last one: then any two of them are consistent.
  for (const note of heads) {
    const { size, root } = need(openCheckpoint(note, LOG));
    const proof = await reader.consistencyProof(size);
    expect(verifyConsistency(size, total, proof, root, reader.root)).toBe(true);
  }
  const next = new Map(names.map((name) => [`t${name}`, 0]));
  for await (const { bytes } of reader.readEntries(0, total)) {
    const entry = need(decodeEntry(bytes));
    if (entry.kind !== 'metadata') throw new Error(`a ${entry.kind} entry`);
    expect(entry.key).toBe(`k/${next.get(entry.table)}`);
    next.set(entry.table, next.get(entry.table)! + 1);
  }
  expect([...next.values()]).toEqual(names.map(() => SEALS * BATCH));
});
