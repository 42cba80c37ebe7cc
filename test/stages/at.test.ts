import { afterEach, beforeEach, expect, test } from 'vitest';
import { storesAt } from '../../stages/at.ts';
import { readHead } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';
import { compacted, flows, tableOf, trail } from '../compaction/lake.ts';
import { newWorld, rowsIn, storesOf, Workshop } from './memory-lake.ts';

let shop: Workshop;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  stores = storesOf(newWorld());
});
afterEach(() => shop.close());

const now = async () => (await readHead(stores.state)).head;

test('older snapshots have the rows of then, by number and by time, also after a compaction', async () => {
  // The workshop's clock stands still: all seals but compactions are of one time.
  const sealed: { sequence: number; events: string[]; flows: string[] }[] = [];
  const note = async () =>
    sealed.push({
      sequence: (await now()).sequence,
      events: await rowsIn(stores, 'events'),
      flows: await rowsIn(stores, 'flows'),
    });
  await shop.collect(stores, trail(shop, 1));
  await note();
  await shop.collect(stores, trail(shop, 2), flows(shop, 1));
  await note();
  await compacted(shop, stores, { now: 1_750_000_001_000_000 });
  await note();
  const before = await storesAt(stores, await shop.identity(), { time: 1_750_000_000_500_000 });
  expect((await readHead(before.state)).head.sequence).toBe(2);
  expect((await tableOf(before, 'events')).files).toHaveLength(2);
  await shop.collect(stores, trail(shop, 3));
  await note();
  const identity = await shop.identity();
  for (const { sequence, events, flows } of sealed) {
    const then = await storesAt(stores, identity, { sequence });
    expect((await readHead(then.state)).head.sequence).toBe(sequence);
    expect(await rowsIn(then, 'events')).toEqual(events);
    expect(await rowsIn(then, 'flows')).toEqual(flows);
  }
  const newest = (await readHead(stores.state)).head.sequence;
  expect((await readHead((await storesAt(stores, identity, { sequence: newest })).state)).head.sequence).toBe(
    newest,
  );
  await expect(storesAt(stores, identity, { sequence: newest + 1 })).rejects.toMatchObject({
    code: 'SNAPSHOT_NONE',
    message: expect.stringContaining(`the newest is ${newest}`),
  });
  await expect(storesAt(stores, identity, { time: 1 })).rejects.toMatchObject({ code: 'SNAPSHOT_NONE' });
});

test('a lake that was never sealed has no snapshot', async () => {
  await expect(storesAt(stores, null, { sequence: 1 })).rejects.toMatchObject({ code: 'SNAPSHOT_NONE' });
});
