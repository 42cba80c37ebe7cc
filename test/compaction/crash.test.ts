import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stores } from '../../vault/evidence.ts';
import { answersOf, mustBeWhole, survivesDoing } from '../stages/crash.ts';
import { FATES, faultyLake, watched } from '../stages/faulty-lake.ts';
import { copyOf, newWorld, storesOf, Workshop, type World } from '../stages/memory-lake.ts';
import { compacted, copyOfTrail, flows, tableOf, trail } from './lake.ts';

let shop: Workshop;
let base: World;
let expected: string[][];
beforeAll(async () => {
  shop = new Workshop();
  base = newWorld();
  const stores = storesOf(base);
  await shop.collect(stores, trail(shop, 1), flows(shop, 1));
  await shop.collect(stores, copyOfTrail(shop, 1), flows(shop, 2));
  expected = await answersOf(storesOf(base));
});
afterAll(() => shop.close());

// Every write: test/slow/crash.slow.ts.
test.each(FATES)('a compaction broken at some write and run again: %s', async (fate) => {
  for (const at of [2, 11, 16])
    expect(await survivesDoing(shop, base, (stores) => compacted(shop, stores), expected, at, fate)).toBe(
      true,
    );
});

/** Stores at whose swap of the head something else happens first, once. */
function overtaken(stores: Stores, by: () => Promise<unknown>): Stores {
  let done = false;
  return {
    ...stores,
    state: {
      ...stores.state,
      putIfUnchanged: async (key, body, version) => {
        if (key === 'head' && !done) {
          done = true;
          await by();
        }
        return stores.state.putIfUnchanged(key, body, version);
      },
    },
  };
}

test('a collect that is faster with the head: both count', async () => {
  const world = copyOf(base);
  const published: Uint8Array[] = [];
  const stores = watched(storesOf(world), published);
  const result = await compacted(
    shop,
    overtaken(stores, () =>
      shop.collect(
        stores,
        trail(shop, 5),
        copyOfTrail(shop, 1, 3, function late() {}),
      ),
    ),
  );
  expect(result).toMatchObject({ passedOver: 0 });
  const { files, overlapDays } = await tableOf(stores, 'events');
  expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(9);
  expect(overlapDays).toEqual([]);
  await mustBeWhole(world, await shop.identity(), published);
});

test('a compaction that is faster with the head: the collect begins again', async () => {
  const world = copyOf(base);
  const published: Uint8Array[] = [];
  const stores = watched(storesOf(world), published);
  await shop.collect(
    overtaken(stores, () => compacted(shop, stores)),
    trail(shop, 6),
  );
  const { files, overlapDays } = await tableOf(stores, 'events');
  expect(files.map(({ rows, copies }) => [rows, copies === true])).toEqual([
    [3, false],
    [3, true],
    [3, false],
  ]);
  expect(overlapDays).toEqual([]);
  await mustBeWhole(world, await shop.identity(), published);
});

test('a compaction that is faster with the same files: the other passes its work over', async () => {
  const world = copyOf(base);
  const published: Uint8Array[] = [];
  const stores = watched(storesOf(world), published);
  const other = new Workshop();
  // Another machine has a lock file of its own.
  const elsewhere = { ...shop.lakeOf(stores), root: other.root };
  const { compact } = await import('../../compaction/compact.ts');
  const { cpSync } = await import('node:fs');
  cpSync(shop.root, other.root, { recursive: true });
  const first = () => compact(elsewhere, { now: 1_750_000_000_000_000, here: true });
  const result = await compacted(shop, overtaken(stores, first));
  expect(result).toMatchObject({ days: 0, checkpoint: null });
  expect(result.passedOver).toBeGreaterThan(3);
  await mustBeWhole(world, await shop.identity(), published);
  other.close();
});

test('killed at some write, and again while it goes on', async () => {
  for (const [first, second] of [
    [4, 3],
    [12, 2],
    [15, 6],
  ] as const) {
    const world = copyOf(base);
    const published: Uint8Array[] = [];
    const stores = watched(storesOf(world), published);
    for (const at of [first, second])
      await compacted(shop, faultyLake(stores, at, 'killed after it')).catch(() => {});
    await shop.collect(stores, trail(shop, 7));
    await compacted(shop, stores);
    expect((await tableOf(stores, 'events')).overlapDays).toEqual([]);
    await mustBeWhole(world, await shop.identity(), published);
  }
});
