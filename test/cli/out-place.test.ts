/** Slips in where to write are told before the work, and what the system refuses has a way out. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, fileToWrite, outsideLake } from '../../cli/out-place.ts';
import { systemRefusal } from '../../cli/system-error.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-out-'));
  mkdirSync(at('empty'));
  mkdirSync(at('full'));
  writeFileSync(at('full', 'ocsf_api_activity.parquet'), 'of an earlier export');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file to write', () => {
  test('new, or there already', async () => {
    await fileToWrite('out', at('full', 'new.jsonl'));
    await fileToWrite('out', at('full', 'ocsf_api_activity.parquet'));
  });

  test('not in a folder that is not there, not a folder, not standard output', async () => {
    await expect(fileToWrite('out', at('nowhere', 'a'))).rejects.toThrow(/there is no folder .*Make it/);
    await expect(fileToWrite('out', at('empty'))).rejects.toThrow(/is a folder/);
    await expect(fileToWrite('out', '-')).rejects.toThrow(/name of a file/);
  });
});

describe('a folder to fill', () => {
  test('new or empty', async () => {
    await emptyFolder('out', at('new'));
    await emptyFolder('out', at('empty'));
  });

  test('not one that an earlier export filled, not a file', async () => {
    await expect(emptyFolder('out', at('full'))).rejects.toThrow(/not empty.*new or empty/);
    await expect(emptyFolder('out', at('full', 'ocsf_api_activity.parquet'))).rejects.toThrow(/is a file/);
  });
});

test('what the system refuses keeps its code, names the place and says a way out', () => {
  const thrown = (path: string): unknown => {
    try {
      return readFileSync(path);
    } catch (error) {
      return error;
    }
  };
  expect(systemRefusal(thrown(at('nowhere')))).toEqual({
    code: 'ENOENT',
    message: expect.stringContaining(`"${at('nowhere')}" is not there`),
  });
  expect(systemRefusal(thrown(at('full')))?.code).toBe('EISDIR');
  expect(systemRefusal(new Error('ours'))).toBeNull();
});

describe('a place outside the lake', () => {
  test('beside it, around it, or named like a way out of it', async () => {
    await outsideLake('out', at('new'), at('full'));
    await outsideLake('out', at('full-2', 'a', 'b'), at('full'));
    await outsideLake('out', folder, at('full'));
  });

  test('not in it, not by a link, not where the lake itself was named by one', async () => {
    symlinkSync(at('full'), at('link'));
    symlinkSync(at('full', 'ocsf_api_activity.parquet'), at('link-to-file'));
    for (const path of [
      at('full'),
      at('full', 'a', 'b'),
      at('full', '..a'),
      at('link', 'a'),
      at('link-to-file'),
    ])
      await expect(outsideLake('out', path, at('full')), path).rejects.toThrow(/inside the lake/);
    await expect(outsideLake('out', at('full', 'a'), at('link'))).rejects.toThrow(/inside the lake/);
  });
});
