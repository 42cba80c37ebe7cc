import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake } from '../../vault/lake.ts';
import { rowsOf } from './lake-rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-metadata-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => join(folder, ...parts);

function write(name: string, body: string | Uint8Array): string {
  const path = at('in', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, body);
  return path;
}

/** What `aws s3api head-object` prints. */
const head = (Metadata: unknown, more: object = {}) =>
  JSON.stringify({ AcceptRanges: 'bytes', ContentLength: 7, ETag: '"x"', Metadata, ...more }, null, 2);

const signed = { signature: 'ab'.repeat(256), 'signature-algorithm': 'SHA256withRSA' };

async function collected(...paths: string[]) {
  const result = await collect(await openLake(at('lake')), paths.length === 0 ? [at('in')] : paths, {
    threads: 1,
  });
  const rows = await rowsOf(at('lake'), 'evidence');
  const held = Object.fromEntries(
    rows.map((row) => [
      String(row['origin']).split('/').pop(),
      [row['metadata'] === null ? null : JSON.parse(String(row['metadata'])), row['version_id']],
    ]),
  );
  return { result, held };
}

describe('object metadata beside a file', () => {
  test('with a version id that no ledger entry could hold is no metadata, and stops nothing', async () => {
    write('a.json', trailFile(1, 2, 1_700_000_000));
    write('a.json.metadata.json', head(signed, { VersionId: 'v'.repeat(70_000) }));
    const { result, held } = await collected();
    expect([result.objects, held['a.json']]).toEqual([2, [null, null]]);
    expect((await collected()).result.objects).toBe(0);
  });

  test('becomes that of the file, and is no log itself', async () => {
    write('d/digest.json.gz', gzipSync('{"digestS3Object":"x","digestPublicKeyFingerprint":"y"}'));
    write('d/digest.json.gz.metadata.json', head(signed, { VersionId: 'abc.123' }));
    write('d/log.json.gz', gzipSync(trailFile(1, 3, 1_700_000_000)));
    const { result, held } = await collected();
    expect(held).toEqual({ 'digest.json.gz': [signed, 'abc.123'], 'log.json.gz': [null, null] });
    expect(result).toMatchObject({ objects: 2, unrecognised: [], events: 3 });
    expect(await verify(await openLake(at('lake')), { deep: true })).toMatchObject({ problems: [] });
  });

  test('counts as a file seen before when it comes again', async () => {
    write('log.json', trailFile(1, 3, 1_700_000_000));
    write('log.json.metadata.json', head({}, { VersionId: 'null' }));
    expect((await collected()).held).toEqual({ 'log.json': [null, null] });
    expect((await collected()).result).toMatchObject({ objects: 0, duplicateObjects: 1 });
  });

  test('is found beside files named one by one', async () => {
    const log = write('log.json', trailFile(1, 3, 1_700_000_000));
    const beside = write('log.json.metadata.json', head(signed));
    const { held } = await collected(log, beside);
    expect(held).toEqual({ 'log.json': [signed, null] });
  });

  test('named alone is a file like any other', async () => {
    write('log.json', trailFile(1, 3, 1_700_000_000));
    const { held } = await collected(write('log.json.metadata.json', head(signed)));
    expect(Object.keys(held)).toEqual(['log.json.metadata.json']);
  });

  test.each([
    ['not JSON', '{'],
    ['no metadata', '{"Records":[]}'],
    ['metadata that is not text', head({ signature: 7 })],
    ['a list', head(['x'])],
    ['null', 'null'],
    ['far too long', head({ signature: 'x'.repeat(2 ** 20) })],
  ])('%s: nothing is dropped, both are kept as evidence', async (_, sidecar) => {
    write('log.json', trailFile(1, 3, 1_700_000_000));
    write('log.json.metadata.json', sidecar);
    const { held, result } = await collected();
    expect(held['log.json']).toEqual([null, null]);
    expect(Object.keys(held).sort()).toEqual(['log.json', 'log.json.metadata.json']);
    expect(result.objects).toBe(2);
    expect((await collected()).result).toMatchObject({ objects: 0, duplicateObjects: 2 });
  });

  test('no file is lost to a name: sidecars without their file, of folders, of sidecars, by links', async () => {
    write('alone.json.metadata.json', head(signed));
    write('folder/log.json', trailFile(1, 3, 1_700_000_000));
    write('folder.metadata.json', head({ a: '1' }));
    write('x.json', trailFile(2, 3, 1_700_000_000));
    write('x.json.metadata.json', head({ b: '2' }));
    write('x.json.metadata.json.metadata.json', head({ c: '3' }));
    symlinkSync(at('in', 'x.json.metadata.json'), at('in', 'folder', 'log.json.metadata.json'));
    write('.metadata.json', head({ d: '4' }));
    const { held, result } = await collected();
    expect(Object.keys(held).sort()).toEqual([
      '.metadata.json',
      'alone.json.metadata.json',
      'folder.metadata.json',
      'log.json',
      'log.json.metadata.json',
      'x.json',
      'x.json.metadata.json.metadata.json',
    ]);
    expect(held['x.json']).toEqual([{ b: '2' }, null]);
    expect(result.unreached).toEqual([]);
  });
});
