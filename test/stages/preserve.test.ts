import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConfiguredFeed } from '../../connectors/configured.ts';
import { collect } from '../../stages/collect.ts';
import { readFacts } from '../../stages/coverage-facts.ts';
import { drain } from '../../stages/drain.ts';
import { preserveFeeds } from '../../stages/preserve.ts';
import { readHead } from '../../tables/head.ts';
import { BY, newWorld, storesOf, verification, Workshop, type World } from './memory-lake.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
let shop: Workshop;
let world: World;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
});
afterEach(() => shop.close());

const lake = () => shop.lakeOf(storesOf(world));
const keysOf = (beginning: string) => [...world.inState.keys()].filter((key) => key.startsWith(beginning));

/** One body and the window it is of. */
const feed: ConfiguredFeed = {
  name: 'page',
  source: 'aws.cloudtrail',
  delivery: 'test',
  place: 'here',
  open: async () => ({
    async *steps({ after }) {
      if (after !== null) return;
      yield {
        kind: 'arrival',
        role: 'records',
        body: Buffer.from('{"Records":[]}'),
        origin: 'https://example.com/page/1',
        versionId: null,
        metadata: {},
        modified: null,
      };
      yield { kind: 'mark', cursor: 1, window: { account: '111122223333', region: null, from: 0, to: 60e6 } };
    },
  }),
};
const preserved = () => preserveFeeds(lake(), [feed], { now: () => NOW, by: BY });
const windows = async () => {
  const stores = storesOf(world);
  return (await readFacts(stores, (await readHead(stores.state)).head)).windows;
};

test('whoever preserves seals nothing: bodies, windows and who did it wait for somebody else', async () => {
  expect(await preserved()).toMatchObject([{ name: 'page', arrived: 1, error: null }]);
  expect(world.inState.has('head')).toBe(false);
  expect(keysOf('pending/windows-')).toHaveLength(1);
  expect(keysOf('pending/custody-')).toHaveLength(1);
  expect(JSON.parse(Buffer.from(world.inState.get('cursors/page.json')!).toString())).toMatchObject({
    cursor: 1,
    windows: [],
  });
  expect(await drain(lake(), { enough: () => false, threads: 1 })).toMatchObject({
    again: false,
    result: { objects: 1 },
  });
  expect(keysOf('pending/')).toEqual([]);
  expect(await windows()).toMatchObject([{ from: 0, to: 60e6, asOf: NOW * 1000 }]);
  expect(await preserved()).toMatchObject([{ arrived: 0 }]);
  expect(await verification(world, await shop.identity())).toMatchObject({ ok: true });
});

test('windows that somebody altered are told, and left where they are', async () => {
  await preserved();
  const [key] = keysOf('pending/windows-');
  world.inState.set(key!, Buffer.from('{"format":1,"windows":[]}'));
  const result = await collect(lake(), [], { threads: 1 });
  expect(result.inboxProblems).toEqual([{ key, problem: expect.stringContaining('no windows') }]);
  expect(result.objects).toBe(1);
  expect(keysOf('pending/')).toEqual([key]);
  expect(await windows()).toEqual([]);
  expect((await verification(world, await shop.identity())).problems).toMatchObject([
    { code: 'ALTERED', key },
  ]);
});
