import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { remap } from '../../compaction/remap.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { type RebuildOptions, type Rebuilt, rebuild } from '../../recovery/rebuild.ts';
import { placeHold, releaseHold } from '../../stages/hold.ts';
import { objectsOfBodies } from '../../stages/hold-objects.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { readHolds } from '../../vault/holds.ts';
import { compacted, copyOfTrail, LATER } from '../compaction/lake.ts';
import { answersOf } from '../stages/crash.ts';
import { faultyLake } from '../stages/faulty-lake.ts';
import {
  BY,
  copyOf,
  newWorld,
  noteOf,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';

const NOW = 1_750_000_000_000_000;
const shop = new Workshop();
let world: World;
let identity: LogIdentity;

const trail = (seed: number, count = 3) =>
  shop.file(`trail-${seed}.json`, trailFile(seed, count, 1_700_000_000));
const flows = (seed: number) =>
  shop.file(`flows-${seed}.log`, `${flowFile(seed, 3, 1_700_000_000)}2 123456789012 eni-1 no\n`);

/** Seals of every kind: bodies, copies, holds, a release, compactions, more bodies after. */
beforeAll(async () => {
  world = newWorld();
  const stores = storesOf(world);
  await shop.collect(stores, trail(1), flows(1));
  await shop.collect(stores, copyOfTrail(shop, 1, 2), flows(2));
  identity = await shop.identity();
  const of = async (name: string) =>
    placeHold(stores, identity, {
      case: name,
      scope: 'a trail',
      objects: (
        await objectsOfBodies(stores, new Set([hashBytes(Buffer.from(trailFile(1, 3, 1_700_000_000)))]))
      ).objects,
      by: BY,
      now: NOW,
    });
  await of('KEPT');
  await of('LET GO');
  await releaseHold(stores, identity, { case: 'LET GO', by: BY, now: NOW });
  await sealWaiting(shop.lakeOf(stores));
  await compacted(shop, stores);
  await shop.collect(stores, trail(3), flows(3));
  await compacted(shop, stores, { now: LATER + 1 });
  await shop.collect(stores, trail(4));
}, 60_000);
afterAll(() => shop.close());

const without = (base: World, lost: (key: string) => boolean, state: boolean): World => {
  const copy = copyOf(base);
  for (const key of [...copy.inVault.keys()]) if (lost(key)) copy.inVault.delete(key);
  if (state) copy.inState.clear();
  return copy;
};
const rebuilt = (of: World, options: RebuildOptions = {}): Promise<Rebuilt> =>
  rebuild(shop.lakeOf(storesOf(of)), identity, { now: NOW, ...options });
const TABLES = (key: string) => key.startsWith('tables/');
const LISTS = (key: string) => key.endsWith('.metadata.json');
const INDEX = (key: string) => key.startsWith('index/');
const NOTHING = () => false;

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString('utf8');

describe('a lake is whole again from its vault, with the root that was sealed and the same answers', () => {
  test.each([
    ['the state store', NOTHING, true],
    ['all lists of tables', LISTS, false],
    ['all tables', TABLES, false],
    ['data files of events', (key: string) => key.startsWith('tables/events/data/'), false],
    ['the state store and all tables', TABLES, true],
    ['the state store and the lists of tables', LISTS, true],
  ])('without %s', async (_, lost, state) => {
    const head = text(world.inState.get('head'));
    const answers = await answersOf(storesOf(world));
    const broken = without(world, lost, state);
    const result = await rebuilt(broken);
    expect(result.tables).toMatchObject({ lostLive: [], lostOld: [], lostLists: [], reasons: [] });
    expect(result.tables.restored).toBe(result.tables.missing);
    expect(`${result.checkpoint.size}`).toBe(JSON.parse(head).checkpoint.split('\n')[1]);
    expect(await answersOf(storesOf(broken))).toEqual(answers);
    expect(
      await verification(broken, identity, { rederive: true }, await noteOf(storesOf(world))),
    ).toMatchObject({
      problems: [],
    });
    for (const [key, bytes] of world.inVault) expect([key, broken.inVault.get(key)]).toEqual([key, bytes]);
  });
});
