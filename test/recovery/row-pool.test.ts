import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { expectedOf, restoringStores } from '../../recovery/restoring-stores.ts';
import { RowPool } from '../../recovery/row-pool.ts';
import { collect } from '../../stages/collect.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { openLake } from '../../vault/lake.ts';
import type { Manifest } from '../../vault/manifest.ts';
import { scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();

/** A lake of one batch a file, and what is told of its bodies and files. */
async function lakeOf(texts: readonly string[]) {
  const folder = await newFolder();
  const lake = await openLake(join(folder, 'lake'));
  const bodies: Manifest[] = [];
  for (const text of texts) {
    const path = join(folder, 'trail.json');
    await writeFile(path, text);
    await collect(lake, [path], { threads: 1 });
    bodies.push({
      ...{ format: 1, source: 'aws.cloudtrail', role: 'records', sha256: hashBytes(Buffer.from(text)) },
      ...{ size: text.length, origin: path, versionId: null, metadata: {}, modified: null },
      ...{ receivedAt: 0, collector: '' },
    } as Manifest);
  }
  const { files } = await readTable(lake.vault, (await readHead(lake.state)).head, 'events');
  const hashes = new Map(files.map(({ key, sha256 }) => [key, sha256]));
  return { lake, bodies, files, hashes, path: (key: string) => join(folder, 'lake', 'vault', key) };
}

test('threads make the same files again, and what they make is known as restored', async () => {
  const { lake, bodies, files, hashes, path } = await lakeOf(
    [1, 2, 3, 4].map((seed) => trailFile(seed, 3, 1_700_000_000)),
  );
  const before = await Promise.all(files.map(({ key }) => readFile(path(key))));
  for (const { key } of files) await rm(path(key), { force: true });
  const expected = { ...expectedOf(NOTHING, new Set()), hashes, kept: new Set(hashes.keys()) };
  const stores = await restoringStores(lake, expected);
  const noted: string[] = [];
  const pool = new RowPool(
    lake,
    stores,
    expected,
    (made) => {
      for (const { key } of made) noted.push(key);
    },
    { size: 2, worthThreads: 0 },
  );
  try {
    for (const body of bodies) await pool.add([body]);
    await pool.finish();
  } finally {
    await pool.close();
    await stores.close();
  }
  const keys = files.map(({ key }) => key).sort();
  expect(noted.sort()).toEqual(keys);
  expect([...stores.restored.keys()].sort()).toEqual(keys);
  expect(stores.failed).toEqual([]);
  expect(await Promise.all(files.map(({ key }) => readFile(path(key))))).toEqual(before);
}, 60_000);

test('what a thread fails with ends the pool', async () => {
  const { lake, bodies, hashes } = await lakeOf([trailFile(1, 3, 1_700_000_000)]);
  const expected = { ...expectedOf(NOTHING, new Set()), hashes };
  const stores = await restoringStores(lake, expected);
  const pool = new RowPool(lake, stores, expected, () => {}, { size: 2, worthThreads: 0 });
  try {
    await pool.add([{ ...bodies[0]!, sha256: '0'.repeat(64) }]);
    await expect(pool.finish()).rejects.toThrow();
  } finally {
    await pool.close();
    await stores.close();
  }
}, 60_000);

const NOTHING = { objects: new Map(), data: new Map(), lists: new Map() } as unknown as Parameters<
  typeof expectedOf
>[0];
