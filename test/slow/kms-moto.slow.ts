/** The KMS signer against moto, which somebody else wrote: what our own double of KMS takes for granted. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  type KeySpec,
  type KeyUsageType,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kmsSigner } from '../../ledger/signer.ts';
import { openKmsKey } from '../../vault/kms.ts';
import { codeOf } from '../vault/scratch.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** One environment with the suite that runs the AWS CLI. */
const PACKAGES = ['awscli==1.45.11', 'moto[server]==5.2.5'];

/** The interpreter's path; null where there is no Python, or PyPI cannot be reached. */
const python = await promisify(execFile)(path('./python.sh'), [
  path('../../node_modules/.cache/python-awscli'),
  ...PACKAGES,
]).then(
  ({ stdout }) => stdout.trim(),
  (error: unknown) => {
    console.warn(`No Python environment with ${PACKAGES.join(' and ')}: ${String(error)}`);
    return null;
  },
);

let server: ChildProcess | null = null;
let client: KMSClient;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

beforeAll(async () => {
  if (python === null) return;
  const port = await freePort();
  server = spawn(python, ['-m', 'moto.server', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  client = new KMSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (let tries = 0; tries < 100; tries++) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}, 300_000);
afterAll(() => server?.kill());

async function create(KeySpec: KeySpec, KeyUsage: KeyUsageType = 'SIGN_VERIFY'): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
  return KeyMetadata!.KeyId!;
}

test.skipIf(python === null).each<[KeySpec, KeyUsageType]>([
  ['ECC_NIST_P256', 'SIGN_VERIFY'],
  ['RSA_2048', 'SIGN_VERIFY'],
  ['RSA_2048', 'ENCRYPT_DECRYPT'],
])('a key of the spec %s for %s is refused', async (spec, usage) => {
  expect(await codeOf(openKmsKey(await create(spec, usage), client))).toBe('KMS_KEY_UNSUITABLE');
});

test.skipIf(python === null)('a key that is not there', async () => {
  expect(await codeOf(openKmsKey('11111111-2222-3333-4444-555555555555', client))).toBe('KMS_KEY_MISSING');
});

test.skipIf(python === null)('an Ed25519 key signs, where this version of moto has any', async () => {
  const id = await create('ECC_NIST_EDWARDS25519').catch((error: Error) => {
    console.warn(
      `${PACKAGES[1]} makes no Ed25519 keys (${error.message}): signing is tried against our double alone`,
    );
    return null;
  });
  if (id === null) return;
  const key = await openKmsKey(id, client);
  const signer = kmsSigner('example.com/log', key.publicKey, key.sign);
  expect(await signer.sign(Buffer.from('example.com/log\n1\n'))).toHaveLength(64);
  await client.send(new DisableKeyCommand({ KeyId: id }));
  expect(await codeOf(key.sign(Buffer.from('text')))).toBe('KMS_KEY_DISABLED');
});
