import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkIndex, indexStats, rebuildLakeIndex } from '../../../stages/lake-index.ts';
import { readHead } from '../../../tables/head.ts';
import { encodeManifest, manifestKey, packKey } from '../../../tables/needle/manifest.ts';
import { buildPack, encodePart, partSource } from '../../../tables/needle/pack.ts';
import { readTable } from '../../../tables/table-metadata.ts';
import type { Stores } from '../../../vault/evidence.ts';
import { compacted, copyOfTrail, flows, NOON, trail } from '../../compaction/lake.ts';
import {
  newWorld,
  rowsIn,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../../stages/memory-lake.ts';
import { found } from './lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
/** Values of rows that were collected, and what was found of each before compaction. */
const before = new Map<string, readonly unknown[]>();

const uidsOf = async (value: string) => {
  const { rows, unindexed, problems } = await found(stores, value, { columns: ['uid', 'table', 'matched'] });
  return { rows: rows.map((row) => JSON.stringify(row)).sort(), unindexed, problems };
};

beforeAll(async () => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
  for (let seed = 1; seed <= 4; seed++)
    await shop.collect(
      stores,
      trail(shop, seed),
      flows(shop, seed),
      trail(shop, 10 + seed, 2, NOON + 86_400),
    );
  // The same events once more.
  await shop.collect(stores, copyOfTrail(shop, 1));
  const rows = [...(await rowsIn(stores, 'events')), ...(await rowsIn(stores, 'flows'))].map(
    (row) => JSON.parse(row) as Record<string, unknown>,
  );
  const values = rows.flatMap(({ uid, src_ip, actor_credential, actor_id, interface: network }) =>
    [uid, src_ip, actor_credential, actor_id, network].filter((value) => typeof value === 'string'),
  );
  for (const value of new Set(values as string[])) before.set(value, (await uidsOf(value)).rows);
});
afterAll(() => shop.close());

test('compaction changes nothing of what is found, and no file is read whole for it', async () => {
  const { files } = (await indexStats(stores))[0]!;
  await compacted(shop, stores);
  const [events] = await indexStats(stores);
  expect(events!.files).toBeLessThan(files);
  expect(events).toMatchObject({ indexed: events!.files, problems: [] });
  for (const [value, rows] of before)
    expect([value, await uidsOf(value)]).toEqual([value, { rows, unindexed: 0, problems: [] }]);
  expect(await checkIndex(stores)).toMatchObject({ faults: [] });
  expect(said(await verification(world, await shop.identity()))).toEqual([]);
});

test('a damaged index is told by a check, and rebuilt', async () => {
  const keys = [...world.inState.keys()].filter((key) => key.includes('/needles/'));
  for (const key of keys) world.inState.set(key, Buffer.from('no index'));
  expect((await checkIndex(stores)).faults.length).toBeGreaterThan(0);
  const [value, rows] = [...before][0]!;
  expect((await uidsOf(value)).rows).toEqual(rows);
  const lake = shop.lakeOf(stores);
  await rebuildLakeIndex(lake);
  expect(await checkIndex(stores)).toMatchObject({ faults: [] });
  expect(await uidsOf(value)).toEqual({ rows, unindexed: 0, problems: [] });
  expect(said(await verification(world, await shop.identity()))).toEqual([]);
});

test('an index that is whole and says something else than the rows is told by a check', async () => {
  await forgeIndex();
  expect((await checkIndex(stores)).faults.map(({ problem }) => problem)).toContain(
    'the index has other fingerprints than its rows',
  );
  // The head is not the ledger's any more.
  expect(said(await verification(world, await shop.identity()))).toEqual(['HEAD_DIFFERS head']);
});

/** What somebody can do who may write the head too: an index without anything in it, named by the head. */
async function forgeIndex(): Promise<void> {
  const { head } = await readHead(stores.state);
  const { files } = await readTable(stores.vault, head, 'events');
  const pack = (await buildPack(
    'events',
    files.map(({ key }) => partSource(key, encodePart([new Uint32Array()]))),
  ))!;
  const key = packKey('events', pack.directory.sha256);
  await stores.state.put(key, Buffer.concat(pack.pieces));
  const { offset, length, sha256: directory } = pack.directory;
  const packs = [{ key, offset, length, sha256: directory, pairs: 0, files: files.length }];
  const { bytes, sha256 } = encodeManifest({ format: 1, table: 'events', packs, superseded: [] });
  await stores.state.put(manifestKey('events', sha256), bytes);
  await stores.state.put(
    'head',
    Buffer.from(JSON.stringify({ ...head, index: { ...head.index, events: sha256 } })),
  );
}
