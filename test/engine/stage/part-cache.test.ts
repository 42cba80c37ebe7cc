import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { coalesce } from '../../../engine/stage/coalesce.ts';
import { PartCache } from '../../../engine/stage/part-cache.ts';

const root = mkdtempSync(join(tmpdir(), 'akashi-parts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const folderOf = () => join(root, String(made++));
const cacheIn = (folder: string, mostBytes?: number) =>
  new PartCache(folder, () => join(root, `temp-${made++}`), mostBytes);
const part = (text: string) => {
  const bytes = Buffer.from(text.repeat(100));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};
const pathIn = (folder: string, sha256: string) => join(folder, sha256.slice(0, 2), sha256);

test('keeps parts from run to run, and gives none that was changed', async () => {
  const folder = folderOf();
  const { bytes, sha256 } = part('a');
  expect(await cacheIn(folder).get(sha256)).toBeNull();
  await cacheIn(folder).put(sha256, bytes);
  expect((await cacheIn(folder).get(sha256))?.equals(bytes)).toBe(true);
  const path = pathIn(folder, sha256);
  chmodSync(path, 0o644);
  writeFileSync(path, 'other');
  expect(await cacheIn(folder).get(sha256)).toBeNull();
  expect(await cacheIn(folder).has(sha256)).toBe(false);
});

test('what was not used for longest makes room, counted over many runs', async () => {
  const folder = folderOf();
  const parts = [...'abcdefgh'].map(part);
  for (const [at, { sha256, bytes }] of parts.entries()) {
    const cache = cacheIn(folder, 550);
    await cache.put(sha256, bytes);
    utimesSync(pathIn(folder, sha256), at, at);
    await cacheIn(folder, 550).get(parts[0]!.sha256);
    await cache.makeRoom();
  }
  const kept = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60);
  expect(kept.length).toBeGreaterThan(3);
  expect(kept.length).toBeLessThan(6);
  expect(kept.some((name) => name.endsWith(parts[0]!.sha256))).toBe(true);
  expect(kept.some((name) => name.endsWith(parts[7]!.sha256))).toBe(true);
  expect(kept.some((name) => name.endsWith(parts[1]!.sha256))).toBe(false);
});

test('parts near each other are one request, far ones and large ones are not', () => {
  const at = (offset: number, length: number) => ({ offset, length, sha256: '' });
  const ranges = (parts: Parameters<typeof coalesce>[0]) =>
    coalesce(parts, 10, 100).map(({ start, end, parts: held }) => [start, end, held.length]);
  expect(ranges([])).toEqual([]);
  expect(ranges([at(50, 5), at(4, 20), at(30, 10)])).toEqual([[4, 55, 3]]);
  expect(ranges([at(0, 5), at(16, 5)])).toEqual([
    [0, 5, 1],
    [16, 21, 1],
  ]);
  expect(ranges([at(0, 60), at(60, 60), at(120, 500)])).toEqual([
    [0, 60, 1],
    [60, 120, 1],
    [120, 620, 1],
  ]);
});
