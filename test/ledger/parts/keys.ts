/** Keys for tests, each the same in every run. */

import { createPrivateKey } from 'node:crypto';
import type { Signer } from '../../../ledger/note.ts';
import { keySigner } from '../../../ledger/signer.ts';
import { keyId, verifierOf } from '../../../ledger/vkey.ts';

/** What stands before the 32-byte seed of an Ed25519 key in PKCS#8 (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export function testSigner(name: string, seed = 1): Signer {
  const der = Buffer.concat([PKCS8_PREFIX, Buffer.alloc(32, seed)]);
  return keySigner(name, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

export const testVerifier = ({ name, publicKey }: Signer) => verifierOf(name, 'ed25519', publicKey);

/** A signature line's worth of noise, from a key nobody knows. */
export const greaseSigner = (name: string): Signer => {
  const publicKey = Buffer.alloc(32, 0xee);
  return {
    name,
    publicKey,
    keyId: keyId(name, 'ed25519', publicKey),
    sign: async () => Buffer.alloc(7, 0x5a),
  };
};
