/** Races too rare to wait for: another process acts between two steps of ours, by way of the file system calls. */

import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openLake } from '../../vault/lake.ts';
import { takeLock } from '../../vault/lock-file.ts';
import { scratchFolder } from './scratch.ts';

type Between = (path: string) => Promise<void>;
const between = vi.hoisted((): { link?: Between; readdir?: Between } => ({}));

vi.mock(import('node:fs/promises'), async (importOriginal) => {
  const original = await importOriginal();
  const once = async (name: 'link' | 'readdir', path: string) => {
    const act = between[name];
    delete between[name];
    await act?.(path);
  };
  return {
    ...original,
    link: async (existing, path) => {
      await once('link', String(path));
      return original.link(existing, path);
    },
    readdir: (async (path: string, options: never) => {
      await once('readdir', path);
      return original.readdir(path, options);
    }) as typeof original.readdir,
  };
});

const newFolder = scratchFolder();
afterEach(() => {
  delete between.link;
  delete between.readdir;
});

const options = { waitMillis: 0, command: 'test' };
async function take(root: string) {
  const lock = await takeLock(root, 'writer', options);
  if (!lock.taken) throw new Error('held');
  return lock;
}

test.each([0, 1, 2, 3])(
  'a taker overtaken by %d others who came and went, and one who stays, does not get in',
  async (passing) => {
    const root = await newFolder();
    await (await take(root)).release();
    between.link = async () => {
      for (let n = 0; n < passing; n++) await (await take(root)).release();
      await take(root);
    };
    expect(await takeLock(root, 'writer', options)).toMatchObject({
      taken: false,
      holder: { visible: true },
    });
  },
);

test('a taker overtaken by others who all went again gets in', async () => {
  const root = await newFolder();
  await (await take(root)).release();
  between.link = async () => {
    for (let n = 0; n < 3; n++) await (await take(root)).release();
  };
  await take(root);
  expect((await takeLock(root, 'writer', options)).taken).toBe(false);
});

test('the first taker ever, overtaken, does not get in either', async () => {
  const root = await newFolder();
  between.link = async () => {
    for (let n = 0; n < 2; n++) await (await take(root)).release();
    await take(root);
  };
  expect((await takeLock(root, 'writer', options)).taken).toBe(false);
});

test('a lake made by another between two looks is that other’s lake, not a folder with something in it', async () => {
  const root = join(await newFolder(), 'lake');
  between.readdir = async () => {
    await openLake(root);
  };
  expect((await openLake(root)).root).toBe(root);
});
