import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNote, signNote } from '../../ledger/note.ts';
import { cosigner, fileSigner, kmsSigner, verifierFor } from '../../ledger/signer.ts';
import { verifierOf } from '../../ledger/vkey.ts';
import { testSigner } from './parts/keys.ts';

const NAME = 'example.com/log';
const TEXT = 'example.com/log\n1\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a key file is made on first use, for its owner only, and used from then on', async () => {
  const path = join(folder, 'keys', 'log.pem');
  const first = await fileSigner(path, NAME);
  const again = await fileSigner(path, NAME);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(again.publicKey).toEqual(first.publicKey);
  const note = await signNote(TEXT, [again]);
  expect(openNote(note, [verifierFor(first)]).ok).toBe(true);
});

test('first users at the same moment end up with one key, and leave nothing else behind', async () => {
  const path = join(folder, 'log.pem');
  const signers = await Promise.all(Array.from({ length: 8 }, () => fileSigner(path, NAME)));
  expect(new Set(signers.map(({ keyId }) => keyId)).size).toBe(1);
  expect(readdirSync(folder)).toEqual(['log.pem']);
});

test('a key others can read is not used', async () => {
  const path = join(folder, 'log.pem');
  await fileSigner(path, NAME);
  chmodSync(path, 0o640);
  await expect(fileSigner(path, NAME)).rejects.toMatchObject({ code: 'KEY_EXPOSED' });
});

test('files that hold something else, and names no note can carry, are refused', async () => {
  const path = join(folder, 'log.pem');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  for (const content of ['', 'no key', rsa.export({ format: 'pem', type: 'pkcs8' }).toString()]) {
    writeFileSync(path, content, { mode: 0o600 });
    await expect(fileSigner(path, NAME)).rejects.toMatchObject({ code: 'KEY_UNSUITABLE' });
  }
  for (const name of ['', 'a b', 'a+b', 'a\nb']) {
    await expect(fileSigner(join(folder, 'new.pem'), name)).rejects.toMatchObject({ code: 'KEY_BAD_NAME' });
  }
});

test('a key service signs through the same interface, its key given raw or as DER', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const remote = async (message: Uint8Array): Promise<Uint8Array> => sign(null, message, privateKey);
  for (const key of [der, der.subarray(-32)]) {
    const note = await signNote(TEXT, [kmsSigner(NAME, key, remote)]);
    expect(openNote(note, [verifierOf(NAME, 'ed25519', der.subarray(-32))]).ok).toBe(true);
  }
  expect(() => kmsSigner(NAME, der.subarray(2), remote)).toThrow(
    expect.objectContaining({ code: 'KEY_UNSUITABLE' }),
  );
});

test('a key service that signs something else than asked is caught before its signature is used', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const otherwise = async (message: Uint8Array): Promise<Uint8Array> =>
    sign(null, Buffer.concat([message, message]), privateKey);
  await expect(kmsSigner(NAME, der, otherwise).sign(Buffer.from(TEXT))).rejects.toMatchObject({
    code: 'KEY_SIGNS_OTHERWISE',
  });
});

test('a cosignature covers the time it states', async () => {
  const witness = testSigner('example.com/witness', 5);
  const key = verifierOf(witness.name, 'cosignature', witness.publicKey);
  const blob = Buffer.from(await cosigner(witness, () => 1_700_000_000).sign(Buffer.from(TEXT)));
  expect(blob.readBigUInt64BE(0)).toBe(1_700_000_000n);
  expect(key.verify(Buffer.from(TEXT), blob)).toBe(true);
  const spki = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), witness.publicKey]),
    format: 'der',
    type: 'spki',
  });
  const message = Buffer.from(`cosignature/v1\ntime 1700000000\n${TEXT}`);
  expect(verify(null, message, spki, blob.subarray(8))).toBe(true);
  blob.writeBigUInt64BE(1_700_000_001n);
  expect(key.verify(Buffer.from(TEXT), blob)).toBe(false);
});
