import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { remap } from '../../compaction/remap.ts';
import { connectorById } from '../../connectors/registry.ts';
import { storesAt } from '../../stages/at.ts';
import type { Stores } from '../../vault/evidence.ts';
import { answersOf, survivesDoing } from '../stages/crash.ts';
import { FATES } from '../stages/faulty-lake.ts';
import {
  copyOf,
  newWorld,
  rowsIn,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';
import { compacted, copyOfTrail, flows, LATER, tableOf, trail } from './lake.ts';

const cloudtrail = connectorById('aws.cloudtrail')!;
let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  shop.by = null;
  world = newWorld();
  stores = storesOf(world);
});
afterEach(() => {
  vi.restoreAllMocks();
  shop.close();
});

/** Collects as an older version would have, whose mapping knew less and took some records for others. */
async function byOlderMapping(work: () => Promise<unknown>): Promise<void> {
  const { normalise } = cloudtrail;
  const older = vi.spyOn(cloudtrail, 'normalise').mockImplementation((record, facts) => {
    const outcome = normalise(record, facts);
    if (outcome.kind !== 'event') return outcome;
    if (outcome.event.uid?.endsWith('0') === true) return { kind: 'skipped', reason: 'not understood' };
    return { ...outcome, event: { ...outcome.event, actor_name: 'unknown', region: null } };
  });
  const version = cloudtrail.mappingVersion;
  Object.assign(cloudtrail, { mappingVersion: 'aws.cloudtrail/older' });
  try {
    await work();
  } finally {
    Object.assign(cloudtrail, { mappingVersion: version });
    older.mockRestore();
  }
}

const remapped = (own: Stores, options = {}) =>
  remap(shop.lakeOf(own), { now: LATER, here: true, ...options });
const check = async (of: World, options = {}) => said(await verification(of, await shop.identity(), options));

async function olderLake(): Promise<void> {
  await byOlderMapping(() =>
    shop.collect(stores, trail(shop, 1, 20), trail(shop, 2, 20, 1_700_100_000), flows(shop, 1)),
  );
  await byOlderMapping(() => shop.collect(stores, copyOfTrail(shop, 1, 20)));
  await shop.collect(stores, trail(shop, 3, 5));
}

/** The same files, by this version's mapping alone. */
async function newerLake(): Promise<Stores> {
  const fresh = storesOf(newWorld());
  await shop.collect(fresh, trail(shop, 1, 20), trail(shop, 2, 20, 1_700_100_000), flows(shop, 1));
  await shop.collect(fresh, copyOfTrail(shop, 1, 20));
  await shop.collect(fresh, trail(shop, 3, 5));
  return fresh;
}

const ROWS = ['events', 'flows', 'quarantine'] as const;
const rowsOf = (own: Stores) => Promise.all(ROWS.map((table) => rowsIn(own, table)));

test.each([
  ['as it was collected', async () => {}],
  ['compacted before', async () => void (await compacted(shop, stores, { locks: true }))],
])('a lake by an older mapping, %s, becomes what this one makes of its evidence', async (_, before) => {
  await olderLake();
  await before();
  const old = await rowsOf(stores);
  expect(old[0]!.length).toBeLessThan(65);
  const result = await remapped(stores, { batchBodies: 2 });
  expect(result).toMatchObject({ bodies: 3 });
  const fresh = await newerLake();
  expect(await rowsOf(stores)).toEqual(await rowsOf(fresh));
  for (const options of [{}, { deep: true }, { rederive: true }])
    expect(await check(world, options)).toEqual([]);
  expect((await tableOf(stores, 'events')).overlapDays).toEqual((await tableOf(fresh, 'events')).overlapDays);
  const then = await storesAt(stores, await shop.identity(), { sequence: 3 });
  expect(await rowsOf(then)).toEqual(
    old.map((rows) => rows.map((text) => text.replace('"conflict":true', '"conflict":null'))),
  );
  expect(await remapped(stores)).toMatchObject({ bodies: 0, checkpoint: null });
  await compacted(shop, stores);
  expect(await rowsOf(stores)).toEqual(await rowsOf(fresh));
  expect(await check(world, { rederive: true })).toEqual([]);
});

test.each(FATES)('broken at some write and run again: %s', async (fate) => {
  await olderLake();
  const expected = await answersOf(await newerLake());
  const evidence = await rowsIn(stores, 'evidence');
  expected[3] = evidence;
  for (const at of [2, 7, 11])
    expect(await survivesDoing(shop, copyOf(world), (own) => remapped(own), expected, at, fate)).toBe(true);
});
