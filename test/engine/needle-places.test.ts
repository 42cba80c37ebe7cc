import { afterEach, beforeEach, expect, test } from 'vitest';
import { needlePlaces } from '../../engine/needle-places.ts';
import type { SnapshotFile } from '../../engine/snapshot.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import { newWorld, storesOf, Workshop, type World } from '../stages/memory-lake.ts';
import { madeRow, sealRows } from './find/lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(async () => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
  // Row groups of four rows: the address is in the second one of the first file, and in no other file.
  const row = (at: number, day: number) =>
    madeRow('events', day, { src_ip: `192.0.2.${at}`, actor_id: '192.0.2.99' });
  await sealRows(
    shop,
    stores,
    Array.from({ length: 12 }, (_, at) => row(at, 0)),
  );
  await sealRows(shop, stores, [row(50, 1)]);
});
afterEach(() => shop.close());

async function places(column: string, ...values: string[]) {
  const { head } = await readHead(stores.state);
  const { files } = await readTable(stores.vault, head, 'events');
  const snapshot = files.map(({ key, sha256, ranges }) => ({
    stored: { key, sha256, ranges },
  })) as SnapshotFile[];
  const found = await needlePlaces(stores.state, head).places('events', column, values, snapshot);
  return found === null ? null : snapshot.map((file) => found.get(file));
}

test('row groups that may hold a value of a column, by files', async () => {
  expect(await places('src_ip', '192.0.2.5')).toEqual([[1], []]);
  expect(await places('src_ip', '192.0.2.1', '192.0.2.50')).toEqual([[0], [0]]);
  expect(await places('src_ip', '203.0.113.1')).toEqual([[], []]);
  // It stands in columns of another kind.
  expect(await places('src_ip', '192.0.2.99')).toEqual([[], []]);
  expect(await places('actor_id', '192.0.2.99')).toEqual([[0, 1, 2], [0]]);
});

test('a column that is not indexed is told apart from one that holds nothing', async () => {
  expect(await places('user_agent', 'curl')).toBeNull();
});

test('a file whose index is damaged may hold anything', async () => {
  const [key] = [...world.inState.keys()].filter((name) => name.endsWith('.pack'));
  world.inState.set(key!, new Uint8Array([1]));
  const found = await places('src_ip', '203.0.113.1');
  expect(found).toContainEqual([]);
  expect(found).toContain(undefined);
});
