import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataKey } from '../../vault/keys.ts';
import { openLake, openLakeForReading, withWriter } from '../../vault/lake.ts';
import { ownIdentity } from '../../vault/process-identity.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { codeOf, scratchFolder } from './scratch.ts';

const newFolder = scratchFolder();
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => error.message,
  );

test('opening makes a lake, opening again finds it', async () => {
  const root = join(await newFolder(), 'deep', 'lake');
  await openLake(root);
  expect(JSON.parse(await readFile(join(root, 'lake.json'), 'utf8'))).toEqual({ format: 1 });
  const lake = await openLake(root);
  await lake.state.put('head', Buffer.from('x'));
  expect((await (await openLakeForReading(root)).state.get('head')).body).toHaveLength(1);
});

test('ten who open at once all get the same lake', async () => {
  const root = join(await newFolder(), 'lake');
  const lakes = await Promise.all(Array.from({ length: 10 }, () => openLake(root)));
  await lakes[0]!.state.put('head', Buffer.from('x'));
  for (const lake of lakes) expect(await lake.state.stat('head')).toMatchObject({ size: 1 });
  expect(await readdir(join(root, '.tmp'))).toEqual([]);
});

test('a reader makes nothing and is told the way out', async () => {
  const root = join(await newFolder(), 'lake');
  expect(await codeOf(openLakeForReading(root))).toBe('LAKE_MISSING');
  expect(await messageOf(openLakeForReading(root))).toMatch(/akashi collect .*--lake/);
  expect(await codeOf(stat(root))).toBe('ENOENT');
});

test('a lake of a newer format is left alone by readers and writers', async () => {
  const root = await newFolder();
  await writeFile(join(root, 'lake.json'), '{"format":2,"more":true}');
  for (const open of [openLake, openLakeForReading]) {
    expect(await codeOf(open(root))).toBe('LAKE_NEWER');
    expect(await messageOf(open(root))).toMatch(
      /format 2, written by a newer version; this one reads up to 1/,
    );
  }
  expect(await readdir(root)).toEqual(['lake.json']);
});

test.each(['', '{', 'null', '[]', '{"format":"1"}', '{"format":0}', '{"format":1.5}'])(
  'a note that says %j is damage, told with the way out',
  async (note) => {
    const root = await newFolder();
    await writeFile(join(root, 'lake.json'), note);
    expect(await codeOf(openLake(root))).toBe('LAKE_DAMAGED');
    expect(await codeOf(openLakeForReading(root))).toBe('LAKE_DAMAGED');
  },
);

test('a folder that holds something else is not taken over', async () => {
  const root = await newFolder();
  await writeFile(join(root, 'thesis.txt'), 'mine');
  expect(await codeOf(openLake(root))).toBe('LAKE_NOT_EMPTY');
  expect(await readdir(root)).toEqual(['thesis.txt']);
});

test('a lake whose making was cut short is made', async () => {
  const root = await newFolder();
  await mkdir(join(root, '.tmp'));
  await openLake(root);
  const lake = await openLake(root);
  expect(lake.root).toBe(root);
});

test('a file where the lake should be is an error of ours', async () => {
  const path = join(await newFolder(), 'file');
  await writeFile(path, 'x');
  expect(await codeOf(openLakeForReading(path))).toBe('LAKE_MISSING');
  expect(await codeOf(openLake(path))).toBe('STORE_FAILED');
});

test('a second writer is told who writes; a reader is not kept waiting', async () => {
  const lake = await openLake(join(await newFolder(), 'lake'));
  await withWriter(
    lake,
    async () => {
      const other = await openLake(lake.root);
      const second = () => withWriter(other, async () => {});
      expect(await codeOf(second())).toBe('LAKE_LOCKED');
      expect(await messageOf(second())).toMatch(
        new RegExp(`process ${process.pid} \\(akashi collect\\) since \\d{4}-.*Wait for it`),
      );
      await openLakeForReading(lake.root);
    },
    { command: 'akashi collect' },
  );
  expect(await withWriter(lake, async () => 'done')).toBe('done');
});

test('a second writer may wait for the first', async () => {
  const lake = await openLake(join(await newFolder(), 'lake'));
  const order: string[] = [];
  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      withWriter(
        lake,
        async () => {
          order.push(`${name} in`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          order.push(`${name} out`);
        },
        { waitMillis: 10_000 },
      ),
    ),
  );
  for (let at = 0; at < order.length; at += 2) expect(order[at + 1]).toBe(order[at]!.replace('in', 'out'));
});

test('the lock is given back when the work fails, whose error comes through', async () => {
  const lake = await openLake(join(await newFolder(), 'lake'));
  const failing = withWriter(lake, async () => {
    throw new TypeError('of the work');
  });
  await expect(failing).rejects.toThrow(TypeError);
  await withWriter(lake, async () => {});
});

test('a writer that was killed keeps nobody out', async () => {
  const lake = await openLake(join(await newFolder(), 'lake'));
  await mkdir(join(lake.root, 'state', '.lock'), { recursive: true });
  const dead = { pid: 999_999_999, start: '1', boot: 'old' };
  const claim = JSON.stringify({ ...ownIdentity(), ...dead });
  await writeFile(join(lake.root, 'state', '.lock', 'writer.1'), claim);
  expect(await withWriter(lake, async () => 'in')).toBe('in');
});

test('a scratch file given away becomes the object without a copy', async () => {
  const lake = await openLake(join(await newFolder(), 'lake'));
  const path = lake.scratchPath('.parquet');
  const body = Buffer.from('rows');
  await writeFile(path, body);
  const { ino } = await stat(path);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const key = dataKey('events', { day: '2026-01-01', batch: sha256, part: 0 });
  await lake.vault.putIfAbsent(key, { path, sha256, size: 4, disposable: true }, WRITE_KINDS.data);
  expect((await stat(lake.vault.localPath!(key))).ino).toBe(ino);
  expect(await codeOf(stat(path))).toBe('ENOENT');
});
