import { generateKeyPairSync, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { kmsSigner } from '../../ledger/signer.ts';
import { collect } from '../../stages/collect.ts';
import { readVkey } from '../../stages/ledger.ts';
import { verify as verifyLake } from '../../stages/verify/verify.ts';
import { openKmsKey } from '../../vault/kms.ts';
import { openLake } from '../../vault/lake.ts';
import { KmsDouble, keyInside } from './parts/kms-double.ts';
import { codeOf, scratchFolder } from './scratch.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const double = new KmsDouble();
const newFolder = scratchFolder();
let endpoint: string;

beforeAll(async () => {
  endpoint = await double.start();
});
afterAll(() => double.close());
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  double.keys.clear();
  double.asked.length = 0;
});
afterEach(() => vi.unstubAllEnvs());

test('signs plain Ed25519 over the message as it is', async () => {
  const inside = keyInside();
  double.keys.set(KEY, inside);
  const key = await openKmsKey(KEY);
  const message = Buffer.from('example.com/log\n1\n');
  expect(
    verify(null, message, { key: inside.publicKey, format: 'der', type: 'spki' }, await key.sign(message)),
  ).toBe(true);
  expect(double.asked.at(-1)).toMatchObject({
    operation: 'Sign',
    fields: { KeyId: KEY, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' },
  });
  expect(await codeOf(key.sign(Buffer.alloc(4097)))).toBe('KMS_MESSAGE_TOO_LONG');
  expect(double.asked).toHaveLength(2);
});

describe('a key that cannot sign checkpoints is refused before anything is signed', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const elliptic = {
    spec: 'ECC_NIST_P256',
    algorithms: ['ECDSA_SHA_256'],
    privateKey: p256.privateKey,
    publicKey: p256.publicKey.export({ format: 'der', type: 'spki' }),
  };
  test.each<[string, Parameters<typeof keyInside>[0], string]>([
    ['of another kind', elliptic, 'KMS_KEY_UNSUITABLE'],
    ['for another use', { usage: 'KEY_AGREEMENT' }, 'KMS_KEY_UNSUITABLE'],
    ['that only signs what was hashed before', { algorithms: ['ED25519_PH_SHA_512'] }, 'KMS_KEY_UNSUITABLE'],
    ['that is disabled', { fails: 'DisabledException' }, 'KMS_KEY_DISABLED'],
    ['that is about to be deleted', { fails: 'KMSInvalidStateException' }, 'KMS_KEY_DISABLED'],
    ['that is somebody else’s', { fails: 'AccessDeniedException' }, 'KMS_DENIED'],
  ])('%s', async (_, edit, code) => {
    double.keys.set(KEY, keyInside(edit));
    expect(await codeOf(openKmsKey(KEY))).toBe(code);
    expect(double.asked.map(({ operation }) => operation)).toEqual(['GetPublicKey']);
  });

  test('that is not there, and a service that is not', async () => {
    expect(await codeOf(openKmsKey(KEY))).toBe('KMS_KEY_MISSING');
    vi.stubEnv('AWS_ENDPOINT_URL_KMS', 'http://127.0.0.1:9');
    expect(await codeOf(openKmsKey(KEY))).toBe('KMS_UNREACHABLE');
  });
});

test('a signature that is not of the key is not used', async () => {
  const other = keyInside();
  double.keys.set(KEY, keyInside({ signs: () => Buffer.alloc(64, 1) }));
  const key = await openKmsKey(KEY);
  const signer = kmsSigner('example.com/log', key.publicKey, key.sign);
  expect(await codeOf(signer.sign(Buffer.from('text')))).toBe('KEY_SIGNS_OTHERWISE');
  const mixed = kmsSigner('example.com/log', other.publicKey, key.sign);
  expect(await codeOf(mixed.sign(Buffer.from('text')))).toBe('KEY_SIGNS_OTHERWISE');
});

test('a lake whose key lies in KMS: sealed, verified without the service, and by no other key again', async () => {
  vi.stubEnv('AKASHI_SIGNING_KEY', `kms:${KEY}`);
  double.keys.set(KEY, keyInside());
  const folder = await newFolder();
  const file = (name: string, seed: number) => {
    writeFileSync(join(folder, name), trailFile(seed, 2, 1_700_000_000));
    return join(folder, name);
  };
  const lake = await openLake(join(folder, 'lake'));
  await collect(lake, [file('a.json', 1)], { threads: 1 });
  await collect(lake, [file('b.json', 2)], { threads: 1 });
  expect((await readVkey(lake.root))?.verifiers).toHaveLength(1);
  const asked = double.asked.length;
  expect(await verifyLake(lake, { deep: true })).toMatchObject({ ok: true });
  expect(double.asked).toHaveLength(asked);

  double.keys.set(KEY, keyInside());
  expect(await codeOf(collect(lake, [file('c.json', 3)], { threads: 1 }))).toBe('KEY_CHANGED');
  double.keys.delete(KEY);
  expect(await codeOf(collect(lake, [file('d.json', 4)], { threads: 1 }))).toBe('KMS_KEY_MISSING');
});
