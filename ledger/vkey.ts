/**
 * Verifier keys as text, `name+<8 hex digits of key id>+<base64 of type and key>`
 * (https://c2sp.org/signed-note#verifier-keys), and what they verify.
 */

import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { cosignedMessage, splitCosignature } from './cosignature.ts';
import { fromBase64, toBase64 } from './encoding.ts';
import { isKeyName } from './note.ts';
import { accepted, type Outcome, refused } from './outcome.ts';

/** 0x01: Ed25519 over the note's text. 0x04: a witness's Ed25519 over the text and the time it saw it. */
export const KEY_TYPES = { ed25519: 0x01, cosignature: 0x04 } as const;
export type KeyType = keyof typeof KEY_TYPES;

export interface Verifier {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ newline ‖ type ‖ key). */
  readonly id: number;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
  readonly vkey: string;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

const PUBLIC_KEY_BYTES = 32;
/** What stands before the 32 bytes of a key in its SubjectPublicKeyInfo (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function keyId(name: string, type: KeyType, publicKey: Uint8Array): number {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(KEY_TYPES[type]), publicKey]);
  return Buffer.from(hash('sha256', input, 'hex').slice(0, 8), 'hex').readUInt32BE(0);
}

/** A 32-byte Ed25519 key as Node takes it. Throws for another length. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
}

/** The 32 bytes of an Ed25519 key: given as such, or as a DER SubjectPublicKeyInfo. Null for any other key. */
export function rawPublicKey(key: Uint8Array): Uint8Array | null {
  if (key.length === PUBLIC_KEY_BYTES) return key;
  const isSpki =
    key.length === SPKI_PREFIX.length + PUBLIC_KEY_BYTES && SPKI_PREFIX.compare(key, 0, 12) === 0;
  return isSpki ? key.subarray(SPKI_PREFIX.length) : null;
}

export function encodeVkey(name: string, type: KeyType, publicKey: Uint8Array): string {
  const id = keyId(name, type, publicKey).toString(16).padStart(8, '0');
  return `${name}+${id}+${toBase64(Buffer.concat([Uint8Array.of(KEY_TYPES[type]), publicKey]))}`;
}

/** Throws RangeError for a name or key that `encodeVkey` could not write; check them first. */
export function verifierOf(name: string, type: KeyType, publicKey: Uint8Array): Verifier {
  if (!isKeyName(name)) throw new RangeError(`${JSON.stringify(name)} is no key name`);
  const key = publicKeyObject(publicKey);
  return {
    name,
    id: keyId(name, type, publicKey),
    type,
    publicKey,
    vkey: encodeVkey(name, type, publicKey),
    verify(text, signature) {
      if (type === 'ed25519') return verify(null, text, key, signature);
      const parts = splitCosignature(signature);
      return parts !== null && verify(null, cosignedMessage(text, parts.time), key, parts.signature);
    },
  };
}

/** Reads a key as text; refuses one whose id is not that of its name and key. */
export function parseVkey(text: string): Outcome<Verifier> {
  const unknown = (problem: string): Outcome<never> =>
    refused('VKEY_MALFORMED', `${JSON.stringify(text.slice(0, 200))}: ${problem}`);
  const found = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text);
  const [name, id, base64] = [found?.[1], found?.[2], found?.[3]];
  if (name === undefined || id === undefined || base64 === undefined || !isKeyName(name)) {
    return unknown('not of the form name+id+key');
  }
  const blob = fromBase64(base64);
  const type = (Object.keys(KEY_TYPES) as KeyType[]).find((known) => KEY_TYPES[known] === blob?.[0]);
  if (blob === null || type === undefined) return unknown('not a key of type 1 (Ed25519) or 4 (witness)');
  const publicKey = blob.subarray(1);
  if (publicKey.length !== PUBLIC_KEY_BYTES) return unknown(`a key of ${publicKey.length} bytes, not 32`);
  if (encodeVkey(name, type, publicKey) !== text) return unknown('its id is that of another name or key');
  return accepted(verifierOf(name, type, publicKey));
}
