import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isCompacted } from '../../compaction/plan.ts';
import type { Stores } from '../../vault/evidence.ts';
import {
  newWorld,
  rowsIn,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';
import { compacted, copyOfTrail, flows, tableOf, trail } from './lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
});
afterEach(() => shop.close());

const whole = async () => {
  for (const options of [{}, { deep: true }, { rederive: true }])
    expect(said(await verification(world, await shop.identity(), options))).toEqual([]);
};

test('small files of a day become one, with the same rows, and the lake proves itself as before', async () => {
  for (const seed of [1, 2, 3, 4]) await shop.collect(stores, trail(shop, seed), flows(shop, seed));
  const before = { events: await rowsIn(stores, 'events'), flows: await rowsIn(stores, 'flows') };
  const result = await compacted(shop, stores);
  expect(result).toMatchObject({ passedOver: 0, copies: 0 });
  for (const table of ['events', 'flows', 'evidence', 'custody', 'coverage_facts'] as const)
    expect((await tableOf(stores, table)).files).toHaveLength(1);
  expect(isCompacted((await tableOf(stores, 'events')).files[0]!)).toBe(true);
  expect(await rowsIn(stores, 'events')).toEqual(before.events);
  expect(await rowsIn(stores, 'flows')).toEqual(before.flows);
  await whole();
  expect(await compacted(shop, stores)).toMatchObject({ days: 0, checkpoint: null });
});

describe('copies', () => {
  test('that agree are set aside, so that queries need not', async () => {
    await shop.collect(stores, trail(shop, 1));
    await shop.collect(stores, copyOfTrail(shop, 1));
    expect((await tableOf(stores, 'events')).overlapDays).toHaveLength(1);
    expect(await compacted(shop, stores)).toMatchObject({ copies: 3 });
    const { files, overlapDays } = await tableOf(stores, 'events');
    expect(overlapDays).toEqual([]);
    expect(files.map(({ rows, copies }) => [rows, copies === true])).toEqual([
      [3, false],
      [3, true],
    ]);
    expect(await rowsIn(stores, 'events')).toHaveLength(6);
    await whole();
    expect(await compacted(shop, stores)).toMatchObject({ days: 0 });
  });

  test('that disagree all stay in sight and say so', async () => {
    await shop.collect(stores, trail(shop, 1));
    await shop.collect(
      stores,
      copyOfTrail(shop, 1, 3, function forged(record) {
        record['sourceIPAddress'] = '192.0.2.66';
      }),
    );
    await compacted(shop, stores);
    const { files, overlapDays } = await tableOf(stores, 'events');
    expect([files.length, files[0]?.rows, overlapDays]).toEqual([1, 6, []]);
    const rows = (await rowsIn(stores, 'events')).map((text) => JSON.parse(text) as { conflict: boolean });
    expect(rows.map(({ conflict }) => conflict)).toEqual(Array(6).fill(true));
    await whole();
  });

  test('that come to a settled day are settled when it is asked about, and at the next compaction', async () => {
    await shop.collect(stores, trail(shop, 1));
    await compacted(shop, stores, { locks: true });
    await shop.collect(stores, trail(shop, 2));
    expect((await tableOf(stores, 'events')).overlapDays).toEqual([]);
    await shop.collect(stores, copyOfTrail(shop, 1));
    expect((await tableOf(stores, 'events')).overlapDays).toHaveLength(1);
    await whole();
    await compacted(shop, stores);
    const { files, overlapDays } = await tableOf(stores, 'events');
    expect(overlapDays).toEqual([]);
    expect(files.map(({ rows, copies }) => [rows, copies === true])).toEqual([
      [6, false],
      [3, true],
    ]);
    await whole();
  });
});
