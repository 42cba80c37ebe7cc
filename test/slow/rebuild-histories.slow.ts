/** Whatever was collected, merged, given up and harmed before, and whatever of the tables is lost then: each byte comes back. */

import { expect, test } from 'vitest';
import { type Random, random } from '../../bench/random.ts';
import { expire } from '../../compaction/expire.ts';
import { rebuild } from '../../recovery/rebuild.ts';
import type { Stores } from '../../vault/evidence.ts';
import { compacted, copyOfTrail, flows, NOON, trail } from '../compaction/lake.ts';
import { copyOf, newWorld, storesOf, Workshop, type World } from '../stages/memory-lake.ts';

const HISTORIES = 20;
const DAY = 86_400e6;
const DAY_SECONDS = 86_400;

/** Most of them with tables that other engines open. */
const opened = (world: World, isAddressed: boolean): Stores => {
  const { vault, state } = storesOf(world);
  return isAddressed
    ? { vault: { ...vault, location: 's3://example-bucket/lake/vault' }, state }
    : { vault, state };
};

interface Scene {
  readonly shop: Workshop;
  readonly world: World;
  readonly stores: Stores;
  readonly r: Random;
}

const someDay = (r: Random): number => NOON + DAY_SECONDS * r.below(3);

const ACTS: readonly ((scene: Scene) => Promise<unknown>)[] = [
  ({ shop, stores, r }) => shop.collect(stores, trail(shop, 1 + r.below(30), 1 + r.below(3), someDay(r))),
  ({ shop, stores, r }) => shop.collect(stores, trail(shop, 1 + r.below(30), 1 + r.below(3), someDay(r))),
  ({ shop, stores, r }) => shop.collect(stores, copyOfTrail(shop, 1 + r.below(6), 1 + r.below(3))),
  ({ shop, stores, r }) => shop.collect(stores, flows(shop, 1 + r.below(30), 1 + r.below(3), someDay(r))),
  ({ shop, stores, r }) =>
    shop.collect(stores, trail(shop, 40 + r.below(9)), flows(shop, 40 + r.below(9)), copyOfTrail(shop, 1, 2)),
  ({ shop, stores, r }) =>
    compacted(shop, stores, { now: Date.now() * 1000 + 12 * DAY * r.below(2), locks: r.below(2) === 0 }),
  ({ shop, world, stores, r }) => {
    const now = Date.now() * 1000;
    const removeReplaced = async (key: string) => void world.inVault.delete(key);
    return expire(
      { ...shop.lakeOf(stores), removeReplaced },
      now + [0, 5, 13][r.below(3)]! * DAY,
      now + 20 * DAY,
    );
  },
  async ({ world, r }) => {
    const lists = [...world.inVault.keys()].filter((key) => /\/metadata\/.*\.avro$/.test(key));
    if (lists.length > 0) world.inVault.delete(lists[r.below(lists.length)]!);
  },
];

const LOSSES: Readonly<Record<string, (key: string, r: Random) => boolean>> = {
  'all tables': (key) => key.startsWith('tables/'),
  'what is not locked of them': (key) => key.startsWith('tables/') && !key.includes('/compacted-'),
  'all lists': (key) => key.includes('/metadata/'),
  'some lists': (key, r) => key.includes('/metadata/') && r.below(3) === 0,
};

test.each(Array.from({ length: HISTORIES }, (_, seed) => seed + 1))('history %i', async (seed) => {
  const r = random(seed);
  const shop = new Workshop();
  const world = newWorld();
  const isAddressed = r.below(5) > 0;
  const stores = opened(world, isAddressed);
  try {
    await shop.collect(stores, trail(shop, 1));
    for (let left = 8 + r.below(25); left > 0; left--)
      await ACTS[r.below(ACTS.length)]!({ shop, world, stores, r });
    for (const [name, isLost] of Object.entries(LOSSES)) {
      const broken = copyOf(world);
      for (const key of [...broken.inVault.keys()]) if (isLost(key, r)) broken.inVault.delete(key);
      broken.inState.clear();
      const { derived } = await rebuild(shop.lakeOf(opened(broken, isAddressed)), await shop.identity());
      const others = [...world.inVault].filter(([key, bytes]) => !same(bytes, broken.inVault.get(key)));
      expect([name, derived, others.map(([key]) => key)]).toEqual([name, null, []]);
    }
  } finally {
    shop.close();
  }
});

const same = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && Buffer.compare(a, b) === 0;
