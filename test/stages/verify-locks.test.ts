/** Retention that was promised and is not kept any more. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { setRetention } from '../../vault/retention.ts';
import { rowsOf } from './lake-rows.ts';
import { said } from './memory-lake.ts';

let folder: string;
let root: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-locks-'));
  root = join(folder, 'lake');
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'trail.json'), trailFile(1, 2, 1_700_000_000));
  writeFileSync(join(folder, 'in', 'flows.log'), flowFile(1, 2, 1_700_000_000));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function collected(retain: boolean): Promise<void> {
  const lake = await openLake(root);
  if (retain) {
    await setRetention(join(root, 'vault'), 365);
    await setRetention(join(root, 'vault'), 730, new Date(), 'aws.cloudtrail');
  }
  await collect(lake, [join(folder, 'in')], { threads: 1 });
}
const check = async () => said(await verify(await openLakeForReading(root), {}));
const bodyOf = (source: string) => {
  const [found] = readdirSync(join(root, 'vault', 'evidence', source), {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.isFile());
  return {
    key: `evidence/${source}/${found!.name.slice(0, 2)}/${found!.name}`,
    path: join(found!.parentPath, found!.name),
  };
};

test('each body’s row says until when the store keeps it', async () => {
  await collected(true);
  const days = Object.fromEntries(
    (await rowsOf(root, 'evidence')).map((row) => [
      row['source'],
      (Number(row['retain_until']) - Date.now()) / 86_400_000,
    ]),
  );
  expect(days['aws.cloudtrail']).toBeCloseTo(730, 1);
  expect(days['aws.vpcflow']).toBeCloseTo(365, 1);
  expect(await check()).toEqual([]);
});

test('a file’s time set back shortens its lock', async () => {
  await collected(true);
  const { key, path } = bodyOf('aws.cloudtrail');
  utimesSync(path, new Date(), new Date(Date.now() - 86_400_000));
  expect(await check()).toEqual([`LOCK_SHORTER ${key}`]);
});

test('the record of retention taken away leaves no lock', async () => {
  await collected(true);
  rmSync(join(root, 'vault', '.retention.json'));
  expect(await check()).toEqual(
    ['aws.cloudtrail', 'aws.vpcflow'].map((source) => `LOCK_MISSING ${bodyOf(source).key}`),
  );
});

test('where nothing was promised nothing is missing', async () => {
  await collected(false);
  expect((await rowsOf(root, 'evidence')).map((row) => row['retain_until'])).toEqual([null, null]);
  expect(await check()).toEqual([]);
});
