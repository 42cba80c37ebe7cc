import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeHold, releaseHold } from '../../stages/hold.ts';
import { objectsBetween } from '../../stages/hold-objects.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import type { Stores } from '../../vault/evidence.ts';
import { BY, newWorld, said, storesOf, verification, Workshop, type World } from '../stages/memory-lake.ts';
import { compacted, LATER, NOON, tableOf, trail } from './lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
});
afterEach(() => shop.close());

test('are carried forward to the files that held rows come to lie in, and released with their case', async () => {
  const otherDay = NOON + 5 * 86_400;
  for (const seed of [1, 2])
    await shop.collect(stores, trail(shop, seed), trail(shop, 10 + seed, 3, otherDay));
  const identity = await shop.identity();
  const range = { from: (NOON - 3600) * 1e6, to: (NOON + 3600) * 1e6 };
  const { objects } = await objectsBetween(stores, range, null);
  await placeHold(stores, identity, { case: 'C', scope: 'a day', objects, by: BY, now: LATER });
  const result = await compacted(shop, stores);
  expect(result.holdsCarried).toBeGreaterThan(0);
  const held = async (key: string) => (await stores.vault.stat(key))?.held;
  const { files } = await tableOf(stores, 'events');
  expect(await Promise.all(files.map(({ key }) => held(key)))).toEqual([true, false]);
  expect(await held((await tableOf(stores, 'evidence')).files[0]!.key)).toBe(true);
  expect(said(await verification(world, identity))).toEqual([]);
  await sealWaiting(shop.lakeOf(stores));
  expect(said(await verification(world, identity))).toEqual([]);
  await releaseHold(stores, identity, { case: 'C', by: BY, now: LATER });
  for (const key of world.inVault.keys())
    if (!key.startsWith('.')) expect([key, await held(key)]).toEqual([key, false]);
});
