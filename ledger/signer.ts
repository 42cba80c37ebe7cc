/** Keys that sign checkpoints: one in a file, one in a key management service, behind the same interface. */

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { cosignedMessage, joinCosignature } from './cosignature.ts';
import type { Signer } from './note.ts';
import { isKeyName } from './note.ts';
import { keyId, publicKeyObject, rawPublicKey, verifierOf } from './vkey.ts';

const OWNER_ONLY = 0o600;
const ANYONE_ELSE = 0o077;

function checkName(name: string): void {
  if (isKeyName(name)) return;
  throw new AkashiError(
    'KEY_BAD_NAME',
    `${JSON.stringify(name)} cannot name a key: no white space, no plus, not empty. ` +
      'Use a name like example.com/our-lake, the same as the log’s origin.',
  );
}

/** Signs with an Ed25519 key in memory. Throws KEY_BAD_NAME, KEY_UNSUITABLE. */
export function keySigner(name: string, privateKey: KeyObject): Signer {
  checkName(name);
  const { x } = privateKey.export({ format: 'jwk' });
  if (privateKey.asymmetricKeyType !== 'ed25519' || x === undefined) {
    throw unsuitable(`a key of type ${privateKey.asymmetricKeyType ?? 'secret'}`);
  }
  const publicKey = Buffer.from(x, 'base64url');
  return {
    name,
    publicKey,
    keyId: keyId(name, 'ed25519', publicKey),
    sign: async (bytes) => sign(null, bytes, privateKey),
  };
}

const unsuitable = (found: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'KEY_UNSUITABLE',
    `Found ${found}; checkpoints are signed with Ed25519. Use an Ed25519 key (openssl genpkey -algorithm ed25519).`,
    cause === undefined ? undefined : { cause },
  );

/**
 * Signs with the Ed25519 key in a PKCS#8 PEM file, which is made, readable by its owner only, when it is not there.
 * Two processes that both find none end up with the same key. Throws KEY_EXPOSED when others can read the file,
 * KEY_UNSUITABLE when it holds something else.
 */
export async function fileSigner(path: string, name: string): Promise<Signer> {
  checkName(name);
  const pem = (await readKey(path)) ?? (await makeKey(path));
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw unsuitable(`no private key in ${path}`, cause);
  }
  return keySigner(name, key);
}

async function readKey(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    // Windows has no such bits and reports them all set.
    if (process.platform !== 'win32' && (mode & ANYONE_ELSE) !== 0) {
      throw new AkashiError(
        'KEY_EXPOSED',
        `${path} has mode ${(mode & 0o777).toString(8)}: others than its owner can use it to sign in this log's ` +
          `name. Run: chmod 600 '${path}', and think of replacing the key.`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function makeKey(path: string): Promise<string> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  const file = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(pem);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Unlike a rename, a link never replaces the key another process made meanwhile.
    await link(temporary, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
    return pem;
  } catch (error) {
    const theirs = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readKey(path) : null;
    if (theirs === null) throw error;
    return theirs;
  } finally {
    await unlink(temporary);
  }
}

/** Signs a message of at most 4,096 bytes with a key that never leaves its service. */
export type RemoteSign = (message: Uint8Array) => Promise<Uint8Array>;

/**
 * Signs through a key management service. AWS KMS: key spec ECC_NIST_EDWARDS25519, algorithm ED25519_SHA_512,
 * message type RAW (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html). `publicKey` raw or as DER
 * SubjectPublicKeyInfo, as GetPublicKey gives it. Every signature is verified before it is used, since the
 * service's pre-hashed variant also answers with 64 bytes: KEY_SIGNS_OTHERWISE.
 */
export function kmsSigner(name: string, publicKey: Uint8Array, remoteSign: RemoteSign): Signer {
  checkName(name);
  const raw = rawPublicKey(publicKey);
  if (raw === null) throw unsuitable(`a public key of ${publicKey.length} bytes`);
  publicKeyObject(raw);
  const verifier = verifierOf(name, 'ed25519', raw);
  return {
    name,
    publicKey: raw,
    keyId: verifier.id,
    async sign(bytes) {
      const signature = await remoteSign(bytes);
      if (verifier.verify(bytes, signature)) return signature;
      throw new AkashiError(
        'KEY_SIGNS_OTHERWISE',
        `The key service answered with ${signature.length} bytes that are not the signature of ${verifier.vkey}. ` +
          'Check the key, and that it signs plain Ed25519 over the raw message.',
      );
    },
  };
}

/** A witness's signer: signs the text together with the time, in seconds, that `now` gives. */
export function cosigner(signer: Signer, now: () => number): Signer {
  return {
    name: signer.name,
    publicKey: signer.publicKey,
    keyId: keyId(signer.name, 'cosignature', signer.publicKey),
    async sign(text) {
      const time = now();
      return joinCosignature(time, await signer.sign(cosignedMessage(text, time)));
    },
  };
}

/** What verifies a log's own signer. */
export const verifierFor = (signer: Signer) => verifierOf(signer.name, 'ed25519', signer.publicKey);
