/** A collect broken at every write, in every way, from every start there is; and again while it recovers. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { headFacts } from '../../stages/custody.ts';
import { readHead } from '../../tables/head.ts';
import { preserveMany, type Stores } from '../../vault/evidence.ts';
import { compacted, copyOfTrail } from '../compaction/lake.ts';
import { answersOf, mustBeWhole, survives, survivesDoing, undisturbed } from '../stages/crash.ts';
import { FATES, faultyLake, watched } from '../stages/faulty-lake.ts';
import { copyOf, newWorld, storesOf, Workshop, type World } from '../stages/memory-lake.ts';

let shop: Workshop;
beforeAll(() => {
  shop = new Workshop();
});
afterAll(() => shop.close());

const trail = (seed: number) => shop.file(`trail-${seed}.json`, trailFile(seed, 2, 1_700_000_000));
const flows = (seed: number) => shop.file(`flows-${seed}.log`, flowFile(seed, 2, 1_700_000_000));

/** What a lake may be when the collect under test begins. */
const STARTS: Readonly<Record<string, () => Promise<World>>> = {
  'a new lake': async () => newWorld(),
  'a lake with one seal': async () => {
    const world = newWorld();
    await shop.collect(storesOf(world), trail(1));
    return world;
  },
  'a lake whose ledger is about to fill a tile': async () => {
    const world = newWorld();
    await shop.collect(storesOf(world), ...Array.from({ length: 248 }, (_, at) => flows(100 + at)));
    return world;
  },
  'a lake with an inbox that another run left': async () => {
    const world = newWorld();
    await shop.collect(storesOf(world), trail(1));
    const refusing = faultyLake(storesOf(world), 8, 'killed before it');
    await shop.collect(refusing, trail(5), flows(5)).catch(() => {});
    expect([...world.inState.keys()].some((key) => key.startsWith('pending/'))).toBe(true);
    return world;
  },
};

const paths = () => [trail(2), flows(2)];

for (const [name, start] of Object.entries(STARTS)) {
  test.each(FATES)(`${name}: any write %s`, async (fate) => {
    const base = await start();
    const expected = await undisturbed(shop, base, paths());
    let at = 1;
    while (await survives(shop, base, paths(), expected, at, fate)) at++;
    expect(at).toBeGreaterThan(20);
    console.log(`${name}: ${at - 1} writes ${fate}`);
  });
}

/** As functions do: preserved by one, with the ledger's size at that moment; sealed by another, which looks no further back. */
async function preservedAndSealed(stores: Stores): Promise<void> {
  const lake = shop.lakeOf(stores);
  const { headSize } = headFacts((await readHead(stores.state)).head);
  const requests = [20, 21, 22].map((seed) => ({
    source: 'aws.cloudtrail',
    role: 'records' as const,
    body: Buffer.from(trailFile(seed, 2, 1_700_000_000)),
    provenance: {
      origin: `s3://example-trail/${seed}`,
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: 1_750_000_000_000_000,
      collector: 'akashi/test',
    },
  }));
  await preserveMany(lake, requests, headSize);
  await shop.collect(stores);
}

test.each(FATES)('preserved by one function and sealed by another: any write %s', async (fate) => {
  const base = await STARTS['a lake with one seal']!();
  const calm = copyOf(base);
  await preservedAndSealed(storesOf(calm));
  const expected = await answersOf(storesOf(calm));
  let at = 1;
  while (await survivesDoing(shop, base, preservedAndSealed, expected, at, fate)) at++;
  expect(at).toBeGreaterThan(20);
  console.log(`${at - 1} writes ${fate}`);
});

test('killed, and killed again at any write of the recovery', async () => {
  const base = await STARTS['a lake with one seal']!();
  const expected = await undisturbed(shop, base, paths());
  let pairs = 0;
  for (let first = 1; first <= 25; first += 2) {
    for (let second = 1; ; second += 3) {
      const world = copyOf(base);
      const published: Uint8Array[] = [];
      const stores = watched(storesOf(world), published);
      const again = faultyLake(stores, second, 'killed after it');
      await shop.collect(faultyLake(stores, first, 'killed after it'), ...paths()).catch(() => {});
      await shop.collect(again, ...paths()).catch(() => {});
      await shop.collect(stores, ...paths());
      expect(await answersOf(stores)).toEqual(expected);
      await mustBeWhole(world, await shop.identity(), published);
      pairs++;
      if (again.written() < second) break;
    }
  }
  console.log(`${pairs} pairs of kills`);
});

test.each(FATES)('a compaction of copies and small files: any write %s', async (fate) => {
  const base = newWorld();
  await shop.collect(storesOf(base), trail(1), flows(1));
  await shop.collect(storesOf(base), copyOfTrail(shop, 1, 2), flows(2));
  const expected = await answersOf(storesOf(base));
  let at = 1;
  while (await survivesDoing(shop, base, (stores) => compacted(shop, stores), expected, at, fate)) at++;
  expect(at).toBeGreaterThan(20);
  console.log(`a compaction: ${at - 1} writes ${fate}`);
});
