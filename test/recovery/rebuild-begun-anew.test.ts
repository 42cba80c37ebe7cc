/** Lists that a seal began anew, because those before were harmed, or could not be made again by a rebuild. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { expire } from '../../compaction/expire.ts';
import { connectorById } from '../../connectors/registry.ts';
import { type Rebuilt, rebuild } from '../../recovery/rebuild.ts';
import type { Stores } from '../../vault/evidence.ts';
import { compacted, copyOfTrail, trail } from '../compaction/lake.ts';
import { copyOf, newWorld, storesOf, Workshop, type World } from '../stages/memory-lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
const addressed = (of: World): Stores => {
  const { vault, state } = storesOf(of);
  return { vault: { ...vault, location: 's3://example-bucket/lake/vault' }, state };
};
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = addressed(world);
});
afterEach(() => shop.close());

const rebuilt = async (broken: World): Promise<Rebuilt> =>
  rebuild(shop.lakeOf(addressed(broken)), await shop.identity());

/** What it has is made again without any of its tables, with what `gone` holds. */
async function expectWhole(gone: ReadonlyMap<string, Uint8Array> = new Map()): Promise<void> {
  const broken = copyOf(world);
  for (const key of [...broken.inVault.keys()]) if (key.startsWith('tables/')) broken.inVault.delete(key);
  broken.inState.clear();
  const { derived, tables } = await rebuilt(broken);
  expect([derived, tables.lostLists, tables.reasons]).toEqual([null, [], []]);
  for (const [key, bytes] of [...world.inVault, ...gone])
    expect([key, broken.inVault.get(key)]).toEqual([key, bytes]);
}

/** Takes objects away; says which. */
function taken(like: RegExp): Map<string, Uint8Array> {
  const gone = new Map([...world.inVault].filter(([key]) => like.test(key)));
  expect(gone.size).toBeGreaterThan(0);
  for (const key of gone.keys()) world.inVault.delete(key);
  return gone;
}

test.each([
  ['a list of manifests', /^tables\/events\/metadata\/snap-/],
  ['manifests', /^tables\/events\/metadata\/[0-9a-f]+-m0/],
  ['a list of manifests of copies', /^tables\/events_copies\/metadata\/snap-/],
  ['the metadata of copies', /^tables\/events_copies\/.*metadata\.json$/],
])(
  '%s gone, then more seals',
  async (_, like) => {
    await shop.collect(stores, trail(shop, 1), trail(shop, 2));
    await shop.collect(stores, copyOfTrail(shop, 1));
    expect(await compacted(shop, stores)).toMatchObject({ copies: 3 });
    const gone = taken(like);
    await shop.collect(stores, copyOfTrail(shop, 2));
    await compacted(shop, stores, { now: Date.now() * 1000 });
    await shop.collect(stores, trail(shop, 4));
    await expectWhole(gone);
  },
  30_000,
);

test('a data file gone whose rows a table for other engines cannot begin without, and put back', async () => {
  await shop.collect(stores, trail(shop, 1));
  const lists = taken(/^tables\/events\/metadata\/snap-/);
  const files = taken(/^tables\/events\/data\//);
  await shop.collect(stores, trail(shop, 2));
  for (const [key, bytes] of files) world.inVault.set(key, bytes);
  await shop.collect(stores, trail(shop, 3));
  await shop.collect(stores, trail(shop, 4));
  await expectWhole(lists);
}, 30_000);

test('all lists gone and made anew on record, then more seals', async () => {
  await shop.collect(stores, trail(shop, 1), trail(shop, 2));
  await shop.collect(stores, copyOfTrail(shop, 1));
  await compacted(shop, stores);
  await shop.collect(stores, copyOfTrail(shop, 2));
  const later = Date.now() * 1000 + 1e6;
  const removeReplaced = async (key: string) => void world.inVault.delete(key);
  await expire({ ...shop.lakeOf(stores), removeReplaced }, later, later);
  taken(/\/metadata\//);
  const connector = connectorById('aws.cloudtrail') as { mappingVersion: string };
  const { mappingVersion } = connector;
  connector.mappingVersion = 'aws.cloudtrail/another';
  try {
    expect(await rebuilt(world)).toMatchObject({ derived: { rows: 0 } });
  } finally {
    connector.mappingVersion = mappingVersion;
  }
  await shop.collect(stores, trail(shop, 4));
  await expectWhole();
}, 30_000);
