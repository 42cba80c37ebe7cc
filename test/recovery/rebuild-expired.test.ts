/** What was given up is not there to make later lists from, and no listing tells of it: it is made again beside the lake. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expire } from '../../compaction/expire.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { type Rebuilt, rebuild } from '../../recovery/rebuild.ts';
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
const SEALS_BEFORE = 8;
const shop = new Workshop();
let identity: LogIdentity;

/** As lakes in buckets, it has an address, so that Iceberg tables follow it. */
const addressed = (of: World): Stores => {
  const { vault, state } = storesOf(of);
  return { vault: { ...vault, location: 's3://example-bucket/lake/vault' }, state };
};
afterAll(() => shop.close());

const removing = (of: World): Lake => ({
  ...shop.lakeOf(addressed(of)),
  removeReplaced: async (key) => void of.inVault.delete(key),
});

/**
 * More seals than manifests of one size stay apart, days merged long after, and what was replaced `before` so many days
 * from now given up.
 */
async function newLake(before: number): Promise<World> {
  const world = newWorld();
  const stores = addressed(world);
  const now = Date.now() * 1000;
  for (let seed = 1; seed <= SEALS_BEFORE; seed++) await shop.collect(stores, trail(shop, seed, 1));
  await shop.collect(stores, copyOfTrail(shop, 1), flows(shop, 1));
  await compacted(shop, stores, { now: now + 12 * DAY });
  const { removed } = await expire(removing(world), now + before * DAY, now + 20 * DAY);
  expect(removed).toBeGreaterThan(SEALS_BEFORE);
  await shop.collect(stores, trail(shop, 20), flows(shop, 2, 2, NOON + 86_400));
  identity = await shop.identity();
  return world;
}

function without(world: World, lost: (key: string) => boolean): World {
  const broken = copyOf(world);
  for (const key of [...broken.inVault.keys()]) if (lost(key)) broken.inVault.delete(key);
  broken.inState.clear();
  return broken;
}
const rebuilt = (broken: World): Promise<Rebuilt> => rebuild(shop.lakeOf(addressed(broken)), identity);

const TABLES = (key: string) => key.startsWith('tables/');
const UNLOCKED = (key: string) => TABLES(key) && !key.includes('/compacted-');
const LISTS = (key: string) => key.includes('/metadata/');

describe.each([
  ['lists were', 5],
  ['lists and files that were merged were', 13],
])('a lake is whole again, byte for byte, of whose old snapshots %s given up', (_, days) => {
  let world: World;
  beforeAll(async () => {
    world = await newLake(days);
  }, 60_000);

  test.each([
    ['all tables', TABLES],
    ['all of them that is not locked', UNLOCKED],
    ['all lists', LISTS],
  ])('without the state store and %s', async (_, lost) => {
    const broken = without(world, lost);
    const result = await rebuilt(broken);
    expect(result).toMatchObject({
      derived: null,
      tables: { lostLive: [], lostOld: [], lostLists: [], reasons: [] },
    });
    for (const [key, bytes] of world.inVault) expect([key, broken.inVault.get(key)]).toEqual([key, bytes]);
    expect(await answersOf(storesOf(broken))).toEqual(await answersOf(storesOf(world)));
    const known = await noteOf(storesOf(world));
    expect((await verification(broken, identity, { deep: true }, known)).problems).toEqual([]);
  });

  test('and where nobody makes such rows any more, lists are made anew at once, and it is said why', async () => {
    const broken = without(world, LISTS);
    const connector = connectorById('aws.cloudtrail') as { mappingVersion: string };
    const { mappingVersion } = connector;
    connector.mappingVersion = 'aws.cloudtrail/another';
    try {
      const { tables, derived } = await rebuilt(broken);
      expect(tables.lostLive).toEqual([]);
      if (days === 13) {
        expect(tables.reasons).toMatchObject([
          {
            key: expect.stringContaining('tables/events/metadata/'),
            problem: expect.stringContaining('mapping'),
          },
        ]);
        expect(derived).toMatchObject({ tables: ['events'], rows: 0 });
      } else expect([tables.reasons, derived]).toEqual([[], null]);
      expect(await answersOf(storesOf(broken))).toEqual(await answersOf(storesOf(world)));
    } finally {
      connector.mappingVersion = mappingVersion;
    }
  });
});
