import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { zipReader } from '../../../exports/package/check/reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'akashi-bomb-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function zipOf(name: string, files: Readonly<Record<string, Buffer>>): Promise<string> {
  const zip = new ZipFile();
  for (const [file, bytes] of Object.entries(files))
    zip.addBuffer(bytes, `package/${file}`, { compress: true });
  zip.end();
  const path = join(folder, name);
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

test('a small zip whose files claim to be huge is refused before any is unpacked', async () => {
  const path = await zipOf('bomb.zip', { 'manifest-sha256.txt': Buffer.alloc(64 * 2 ** 20) });
  expect(statSync(path).size).toBeLessThan(2 ** 18);
  await expect(zipReader(path)).rejects.toMatchObject({
    code: 'PACKAGE_UNREADABLE',
    message: expect.stringContaining('200 times'),
  });
});

test('one that shrank as texts do is read', async () => {
  const path = await zipOf('plain.zip', {
    'data/rows.jsonl': Buffer.from('{"action":"iam.user.list"}\n'.repeat(20_000)),
  });
  const reader = await zipReader(path);
  expect(reader.files.get('data/rows.jsonl')).toEqual({ size: 540_000 });
  reader.close();
});
