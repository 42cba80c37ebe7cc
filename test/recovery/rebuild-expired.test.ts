/** What was given up is not there to make later lists from, and no listing tells of it: it is made again beside the lake. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expire } from '../../compaction/expire.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { rebuild } from '../../recovery/rebuild.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Lake } from '../../vault/lake.ts';
import { compacted, copyOfTrail, flows, NOON, trail } from '../compaction/lake.ts';
import { answersOf } from '../stages/crash.ts';
import {
  copyOf,
  newWorld,
  noteOf,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';

const DAY = 86_400e6;
const SEALS_BEFORE = 10;
const shop = new Workshop();
const world = newWorld();
let identity: LogIdentity;

/** As lakes in buckets, it has an address, so that Iceberg tables follow it. */
const addressed = (of: World): Stores => {
  const { vault, state } = storesOf(of);
  return { vault: { ...vault, location: 's3://example-bucket/lake/vault' }, state };
};
const removing = (of: World): Lake => ({
  ...shop.lakeOf(addressed(of)),
  removeReplaced: async (key) => void of.inVault.delete(key),
});

/** More seals than manifests of one size stay apart, days merged long after, and all that was replaced before given up. */
beforeAll(async () => {
  const stores = addressed(world);
  const now = Date.now() * 1000;
  for (let seed = 1; seed <= SEALS_BEFORE; seed++) await shop.collect(stores, trail(shop, seed, 1));
  await shop.collect(stores, copyOfTrail(shop, 1), flows(shop, 1));
  await compacted(shop, stores, { now: now + 12 * DAY });
  await expire(removing(world), now + 5 * DAY, now + 12 * DAY);
  await shop.collect(stores, trail(shop, 20), flows(shop, 2, 2, NOON + 86_400));
  identity = await shop.identity();
}, 60_000);
afterAll(() => shop.close());

const TABLES = (key: string) => key.startsWith('tables/');
const UNLOCKED = (key: string) => TABLES(key) && !key.includes('/compacted-');
const LISTS = (key: string) => /\/metadata\//.test(key);

describe('a lake whose old snapshots were given up is whole again, byte for byte', () => {
  test.each([
    ['all tables', TABLES],
    ['all of them that is not locked', UNLOCKED],
    ['all lists', LISTS],
  ])('without the state store and %s', async (_, lost) => {
    const broken = copyOf(world);
    for (const key of [...broken.inVault.keys()]) if (lost(key)) broken.inVault.delete(key);
    broken.inState.clear();
    const result = await rebuild(shop.lakeOf(addressed(broken)), identity);
    expect(result).toMatchObject({
      derived: null,
      tables: { lostLive: [], lostOld: [], lostLists: [], reasons: [] },
    });
    for (const [key, bytes] of world.inVault) expect([key, broken.inVault.get(key)]).toEqual([key, bytes]);
    expect(await answersOf(storesOf(broken))).toEqual(await answersOf(storesOf(world)));
    const { problems } = await verification(broken, identity, { deep: true }, await noteOf(storesOf(world)));
    expect(problems).toEqual([]);
  });
});
