import { afterEach, beforeEach, expect, test } from 'vitest';
import { expire } from '../../compaction/expire.ts';
import { storesAt } from '../../stages/at.ts';
import { placeHold } from '../../stages/hold.ts';
import { objectsBetween } from '../../stages/hold-objects.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Lake } from '../../vault/lake.ts';
import { faultyLake } from '../stages/faulty-lake.ts';
import {
  BY,
  newWorld,
  rowsIn,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';
import { compacted, LATER, tableOf, trail } from './lake.ts';

const DAY = 86_400e6;
let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(async () => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
  for (const seed of [1, 2]) await shop.collect(stores, trail(shop, seed));
});
afterEach(() => shop.close());

const removing = (own: Stores = stores): Lake => ({
  ...shop.lakeOf(own),
  removeReplaced: async (key) => {
    // A process that died removes nothing either.
    await own.vault.stat(key);
    world.inVault.delete(key);
  },
});
const check = async (options = {}) => said(await verification(world, await shop.identity(), options));

test('files of old snapshots go, those of newer ones and all evidence stay, and the ledger says which went', async () => {
  const rows = await rowsIn(stores, 'events');
  const old = (await tableOf(stores, 'events')).files;
  await compacted(shop, stores);
  expect(await expire(removing(), LATER - DAY, LATER)).toMatchObject({ removed: 0 });
  expect(await rowsIn(await storesAt(stores, await shop.identity(), { sequence: 2 }), 'events')).toHaveLength(
    6,
  );
  const evidence = [...world.inVault.keys()].filter((key) => key.startsWith('evidence/'));
  const result = await expire(removing(), LATER, LATER + DAY);
  expect(result.removed).toBeGreaterThan(6);
  for (const { key } of old) expect(world.inVault.has(key)).toBe(false);
  expect([...world.inVault.keys()].filter((key) => key.startsWith('evidence/'))).toEqual(evidence);
  expect(await rowsIn(stores, 'events')).toEqual(rows);
  for (const options of [{}, { deep: true }, { rederive: true }]) expect(await check(options)).toEqual([]);
  await expect(storesAt(stores, await shop.identity(), { sequence: 2 })).rejects.toMatchObject({
    code: 'SNAPSHOT_EXPIRED',
  });
  expect(await expire(removing(), LATER, LATER + DAY)).toMatchObject({ removed: 0 });
  await shop.collect(stores, trail(shop, 3));
  expect(await check({ rederive: true })).toEqual([]);
});

test('what a case holds stays', async () => {
  const { objects } = await objectsBetween(stores, { from: 0, to: 2e15 }, null);
  await placeHold(stores, await shop.identity(), { case: 'C', scope: 'all', objects, by: BY, now: LATER });
  await compacted(shop, stores);
  const { held } = await expire(removing(), LATER, LATER + DAY);
  expect(held).toBeGreaterThan(3);
  for (const key of objects) expect(world.inVault.has(key)).toBe(true);
  expect(await check()).toEqual([]);
});

test('killed on the way, the next run goes on', async () => {
  await compacted(shop, stores);
  for (const at of [1, 2, 3, 5, 7]) {
    const faulty = faultyLake(stores, at, 'killed after it');
    await expire(removing(faulty), LATER, LATER + DAY).catch(() => {});
    expect(await check()).toEqual([]);
  }
  await expire(removing(), LATER, LATER + DAY);
  const { files } = await tableOf(stores, 'events');
  const left = [...world.inVault.keys()].filter((key) => key.startsWith('tables/events/data/'));
  expect(left.filter((key) => key.endsWith('.parquet'))).toEqual(files.map(({ key }) => key));
  expect(await check({ rederive: true })).toEqual([]);
});
