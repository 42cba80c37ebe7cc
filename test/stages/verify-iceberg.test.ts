/** What other engines are shown, beside what the lake's own lists name. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkIcebergTables } from '../../stages/verify/iceberg-tables.ts';
import type { Harm } from '../../stages/verify/report.ts';
import { readHead } from '../../tables/head.ts';
import { type DataFileEntry, readTable } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import { compacted, copyOfTrail, trail } from '../compaction/lake.ts';
import { newWorld, storesOf, Workshop, type World } from './memory-lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  const { vault, state } = storesOf(world);
  stores = { vault: { ...vault, location: 's3://example-bucket/lake/vault' }, state };
});
afterEach(() => shop.close());

/** What is found when the lake's own list of events is what `edit` makes of it. */
async function found(edit: (files: readonly DataFileEntry[]) => readonly DataFileEntry[]): Promise<string[]> {
  const { head } = await readHead(stores.state);
  const events = await readTable(stores.vault, head, 'events');
  const problems: Harm[] = [];
  const tables = new Map([['events', { ...events, files: edit(events.files) }]] as const);
  await checkIcebergTables(stores, head, tables, problems);
  return problems.map(({ code, detail }) => `${code} ${detail.replace(/[0-9a-f]{64}/g, '…')}`);
}

test('the same files, after seals and after a compaction that set copies aside', async () => {
  await shop.collect(stores, trail(shop, 1));
  await shop.collect(stores, copyOfTrail(shop, 1));
  expect(await found((files) => files)).toEqual([]);
  await compacted(shop, stores);
  expect(await found((files) => files)).toEqual([]);
});

test('a file that they are not shown, one that only they are shown, and one of which they are told otherwise', async () => {
  await shop.collect(stores, trail(shop, 1));
  const [day] = (await readTable(stores.vault, (await readHead(stores.state)).head, 'events')).files;
  const name = day!.key.slice('tables/'.length).replace(/[0-9a-f]{64}/, '…');
  expect(
    await found((files) => [...files, { ...day!, key: 'tables/events/data/2023-11-14/other.parquet' }]),
  ).toEqual([
    'HEAD_DIFFERS other engines do not read tables/events/data/2023-11-14/other.parquet: its rows are hidden from them',
  ]);
  expect(await found((files) => files.slice(1))).toEqual([
    `HEAD_DIFFERS other engines read "s3://example-bucket/lake/vault/tables/${name}", which the lake's own list does not name, or not twice`,
  ]);
  expect(await found((files) => files.map((file) => ({ ...file, rows: file.rows + 1 })))).toEqual([
    expect.stringContaining(`HEAD_DIFFERS other engines are told that tables/${name} has ${day!.rows} rows`),
  ]);
});
