/** Every seal leaves Iceberg tables behind that list just the files it made visible. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { flowFile } from '../../bench/generate.ts';
import { readHead } from '../../tables/head.ts';
import { icebergAddresses } from '../../tables/iceberg/addresses.ts';
import { readAvroFile } from '../../tables/iceberg/avro-file.ts';
import { decodeManifestList } from '../../tables/iceberg/manifest-list.ts';
import { entryType } from '../../tables/iceberg/manifest-schema.ts';
import { currentSnapshot, type TableJson } from '../../tables/iceberg/table-json.ts';
import { readTable } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import { compacted, copyOfTrail, trail } from '../compaction/lake.ts';
import { newWorld, said, storesOf, verification, Workshop, type World } from './memory-lake.ts';

const LOCATION = 's3://example-bucket/lake/vault';
const NOON = 1_700_000_000;
let shop: Workshop;
let world: World;
let stores: Stores;
const at = (location: string): Stores => {
  const { vault, state } = storesOf(world);
  return { vault: { ...vault, location }, state };
};
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = at(LOCATION);
});
afterEach(() => shop.close());

const jsonOf = (uri: string, location = LOCATION): TableJson =>
  JSON.parse(Buffer.from(world.inVault.get(uri.slice(location.length + 1))!).toString());

interface Listed {
  readonly paths: readonly string[];
  readonly rows: number;
  readonly manifests: number;
  readonly snapshots: number;
  readonly summary: Readonly<Record<string, string>>;
}

/** What the current snapshot of each Iceberg table lists. */
async function listed(of = stores, location = LOCATION): Promise<Readonly<Record<string, Listed>>> {
  const { head } = await readHead(of.state);
  const tables: Record<string, Listed> = {};
  const bytesOf = (uri: string) => world.inVault.get(uri.slice(location.length + 1))!;
  for (const { name, metadata } of await icebergAddresses(of.vault, head)) {
    const json = jsonOf(metadata, location);
    const snapshot = currentSnapshot(json)!;
    const manifests = decodeManifestList(bytesOf(snapshot['manifest-list']));
    const files = manifests.flatMap(
      ({ manifest_path: path, partition_spec_id: id, manifest_length: length }) => {
        const bytes = bytesOf(path);
        expect(bytes.length).toBe(length);
        const spec = json['partition-specs'].find((one) => one['spec-id'] === id)!;
        return readAvroFile(bytes, entryType(spec)) as {
          readonly data_file: { readonly file_path: string; readonly record_count: number };
        }[];
      },
    );
    tables[name] = {
      paths: files.map(({ data_file }) => data_file.file_path).sort(),
      rows: files.reduce((sum, { data_file }) => sum + data_file.record_count, 0),
      manifests: manifests.length,
      snapshots: json.snapshots.length,
      summary: snapshot.summary,
    };
  }
  return tables;
}

/** The same of our own list. */
async function ours(table: 'events' | 'evidence', copies: boolean, location = LOCATION): Promise<string[]> {
  const { head } = await readHead(stores.state);
  const { files } = await readTable(stores.vault, head, table);
  return files
    .filter((file) => (file.copies === true) === copies)
    .map(({ key }) => `${location}/${key}`)
    .sort();
}

const broken = async () => said(await verification(world, await shop.identity(), { deep: true }));

test('seal after seal, in few manifests and snapshots of a bounded number', async () => {
  for (let seal = 0; seal < 26; seal++)
    await shop.collect(stores, shop.file(`${seal}.log`, flowFile(seal + 1, 2, NOON + (seal % 3) * 86_400)));
  const tables = await listed();
  expect(tables['evidence']).toMatchObject({ rows: 26, summary: { 'total-data-files': '26' } });
  expect(tables['evidence']!.paths).toEqual(await ours('evidence', false));
  expect(tables['flows']!.rows).toBe(52);
  expect(tables['evidence']!.manifests).toBeLessThan(11);
  // The newest ones, and the last of each hour.
  expect(tables['evidence']!.snapshots).toBeLessThan(24);
  expect(await broken()).toEqual([]);
}, 60_000);

test('a compaction takes files out, and copies that it sets aside are a table of their own', async () => {
  await shop.collect(stores, trail(shop, 1), trail(shop, 2));
  await shop.collect(stores, copyOfTrail(shop, 1));
  await shop.collect(stores, trail(shop, 3));
  expect((await listed())['events']!.rows).toBe(12);
  expect(await compacted(shop, stores)).toMatchObject({ copies: 3 });
  const tables = await listed();
  expect(tables['events']!.paths).toEqual(await ours('events', false));
  expect(tables['events']).toMatchObject({
    rows: 9,
    summary: { operation: 'overwrite', 'total-records': '9' },
  });
  expect(tables['events_copies']!.paths).toEqual(await ours('events', true));
  expect(tables['events_copies']).toMatchObject({ rows: 3 });
  expect(await broken()).toEqual([]);
}, 30_000);

test('a lake that was moved opens, and its next seal writes the tables anew where they lie now', async () => {
  await shop.collect(stores, trail(shop, 1));
  await shop.collect(stores, trail(shop, 2));
  const elsewhere = 'file:///srv/lake/vault';
  stores = at(elsewhere);
  expect(await listed(stores, elsewhere)).toEqual({});
  await shop.collect(stores, trail(shop, 3));
  const tables = await listed(stores, elsewhere);
  expect(tables['events']!.paths).toEqual(await ours('events', false, elsewhere));
  expect(tables['events']!.rows).toBe(9);
  expect(await broken()).toEqual([]);
}, 30_000);

test('a manifest that is gone is told by verify, and does not stop a seal', async () => {
  await shop.collect(stores, trail(shop, 1));
  const [path] = [...world.inVault.keys()].filter((key) => /^tables\/events\/metadata\/snap-/.test(key));
  world.inVault.delete(path!);
  await shop.collect(stores, trail(shop, 2));
  expect((await listed())['events']!.rows).toBe(6);
  expect(await broken()).toEqual([`MISSING ${path}`]);
}, 30_000);
