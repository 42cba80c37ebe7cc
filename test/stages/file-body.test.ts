import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { collect } from '../../stages/collect.ts';
import { readFileBody } from '../../stages/file-body.ts';
import { verify } from '../../stages/verify/verify.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { rowsOf } from './lake-rows.ts';

const START = 1_700_000_000;
/** More than is read into memory: 9 MB. */
const LARGE = 6500;
const noPipes = spawnSync('mkfifo', ['--version']).error !== undefined;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-files-'));
  mkdirSync(join(folder, 'in'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const large = () => join(folder, 'in', 'large.json');
const lines = (seed: number, count: number): string =>
  JSON.parse(trailFile(seed, count, START))
    .Records.map((record: unknown) => `${JSON.stringify(record)}\n`)
    .join('');

/** A lake before whose store takes the large file, once it is hashed, somebody does something to it. */
async function collectWhile(happens: () => void) {
  const lake = await openLake(join(folder, 'lake'));
  let hasHappened = false;
  const vault: Lake['vault'] = {
    ...lake.vault,
    putManyIfAbsent: async (items) => {
      if (!hasHappened && items.some(({ body }) => !(body instanceof Uint8Array))) {
        hasHappened = true;
        happens();
      }
      return lake.vault.putManyIfAbsent(items);
    },
  };
  const result = await collect({ ...lake, vault }, [join(folder, 'in')], { threads: 1 });
  expect(hasHappened).toBe(true);
  return result;
}

const eventsHeld = async (): Promise<number> => (await rowsOf(join(folder, 'lake'), 'events')).length;

beforeEach(() => {
  writeFileSync(large(), lines(1, LARGE));
  writeFileSync(join(folder, 'in', 'small.json'), trailFile(2, 50, START));
});

test('a file that grows while it is being stored is taken as it is then, and nothing else suffers', async () => {
  const result = await collectWhile(() => appendFileSync(large(), lines(3, 10)));
  expect(result).toMatchObject({ objects: 2, events: LARGE + 60, unreadable: 0, unreached: [] });
  expect(await eventsHeld()).toBe(LARGE + 60);
  expect((await verify(await openLake(join(folder, 'lake')), { deep: true })).problems).toEqual([]);
  const again = await collect(await openLake(join(folder, 'lake')), [join(folder, 'in')], { threads: 1 });
  expect(again).toMatchObject({ objects: 0, duplicateObjects: 2 });
});

test('one that is gone by then is told, and the rest is collected', async () => {
  const result = await collectWhile(() => rmSync(large()));
  expect(result.unreached).toMatchObject([{ path: large(), code: 'PATH_UNREADABLE' }]);
  expect(result).toMatchObject({ objects: 1, events: 50 });
  expect(await eventsHeld()).toBe(50);
});

test.skipIf(noPipes)('one whose place a pipe has taken makes nobody wait', async () => {
  const result = await collectWhile(() => {
    rmSync(large());
    spawnSync('mkfifo', [large()]);
  });
  expect(result.unreached).toMatchObject([{ path: large() }]);
  expect(result).toMatchObject({ objects: 1, events: 50 });
});

test.skipIf(noPipes)('a pipe is not opened as a file', async () => {
  const pipe = join(folder, 'pipe');
  spawnSync('mkfifo', [pipe]);
  await expect(readFileBody(pipe)).rejects.toThrow('no file any more');
});

test('small files come whole, larger ones by place, size and hash', async () => {
  const small = await readFileBody(join(folder, 'in', 'small.json'));
  expect(small.body).toEqual(readFileSync(join(folder, 'in', 'small.json')));
  const { body, head, size } = await readFileBody(large());
  expect(body).toMatchObject({ path: large(), size });
  expect(size).toBe(readFileSync(large()).length);
  expect(readFileSync(large()).subarray(0, head.length).equals(head)).toBe(true);
});
