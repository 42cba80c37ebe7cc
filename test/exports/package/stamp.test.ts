/** A package whose ledger was time-stamped by a real authority. */

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPackage } from '../../../exports/package/check/verify-package.ts';
import { readRoots } from '../../../ledger/timestamps/certificate.ts';
import { stampNewest } from '../../../stages/stamp.ts';
import { HAS_OPENSSL, NO_OPENSSL, Pki, serve } from '../../ledger/timestamps/parts/openssl.ts';
import { hasTools, packageLake, rewriteLists, stranger } from './package-lake.ts';

test.skipIf(HAS_OPENSSL)(`left out: ${NO_OPENSSL}`, () => {});

const own = packageLake();
let pki: Pki;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  server = await serve((body, path) =>
    path === '/' ? { body: pki.reply(body) } : { type: 'application/pkix-crl', body: pki.read('ca.crl') },
  );
  pki = new Pki().standard(`${server.url}ca.crl`);
  pki.crl('ca');
  const roots = await readRoots(pki.at('root.pem'));
  await own.make('before');
  await stampNewest(own.lake, own.identity, { url: server.url, roots, policies: [] });
  await own.make('after');
  // A seal later: what was stamped is then the beginning of what the package names.
  await own.make('between', own.recorded('INC-1'));
  await own.make('whole', own.recorded('INC-1'));
}, 240_000);
afterAll(async () => {
  await server?.close();
  pki?.close();
});

describe.skipIf(!HAS_OPENSSL || !hasTools)('a time-stamp', () => {
  const ours = async (folder: string, root = 'root.pem') =>
    verifyPackage(own.at(folder), {
      publicKey: own.vkey,
      stamps: { roots: await readRoots(pki.at(root)), policies: [] },
    });

  test('goes along, and both verifiers and openssl believe it by its root', async () => {
    const { ok, timestamp, checkpoint } = await ours('whole');
    expect([ok, timestamp]).toEqual([true, expect.objectContaining({ trusted: true })]);
    expect(timestamp!.size).toBeLessThan(checkpoint!.size);
    expect(stranger(own.at('whole'), own.vkey, pki.at('root.pem'))).toMatchObject({
      ok: true,
      said: expect.stringMatching(/ok: the stamped checkpoint existed at 20\d\d-/),
    });
    cpSync(pki.at('root.pem'), own.at('roots.pem'));
    const readme = readFileSync(own.at('whole', 'README.txt'), 'utf8');
    const command = /^ {2}openssl ts -verify.*$/m.exec(readme)![0];
    const done = spawnSync('sh', ['-c', command], { cwd: own.at('whole'), encoding: 'utf8' });
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('Verification: OK') });
  });

  test('changes nothing of the payload', () => {
    const manifest = (folder: string) => readFileSync(own.at(folder, 'manifest-sha256.txt'), 'utf8');
    expect(manifest('after')).toBe(manifest('before'));
    expect(readFileSync(own.at('before', 'README.txt'), 'utf8')).toContain(
      'No time-stamp covers the checkpoint',
    );
    expect(readFileSync(own.at('after', 'README.txt'), 'utf8')).not.toContain('No time-stamp covers');
  });

  test('of another authority, over other bytes, or without its consistency proof is refused', async () => {
    pki.issue({ name: 'other', extensions: 'basicConstraints=critical,CA:true\n' });
    expect(await ours('whole', 'other.pem')).toMatchObject({
      ok: false,
      problems: [{ code: 'BAD_TIMESTAMP' }],
    });
    expect(stranger(own.at('whole'), own.vkey, pki.at('other.pem')).ok).toBe(false);
    for (const name of [
      'timestamp.tsr',
      'stamped-checkpoint.consistency',
      'stamped-checkpoint',
      'timestamp.json',
    ]) {
      const folder = own.at(`without-${name}`);
      cpSync(own.at('whole'), folder, { recursive: true });
      const path = own.at(`without-${name}`, 'proofs', name);
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 4));
      rewriteLists(folder);
      expect([name, (await ours(`without-${name}`)).ok]).toEqual([name, false]);
      // The small verifier has no use for what was asked; openssl compares the rest.
      if (name !== 'timestamp.json')
        expect([name, stranger(folder, own.vkey, pki.at('root.pem')).ok]).toEqual([name, false]);
    }
  });
});
