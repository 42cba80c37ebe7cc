import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeVkey, keyId, parseVkey, rawPublicKey, verifierOf } from '../../ledger/vkey.ts';
import { testSigner, testVerifier } from './parts/keys.ts';

const SIGNER = testSigner('example.com/log');

test.each(['ed25519', 'cosignature'] as const)('a key of type %s survives being text', (type) => {
  const vkey = encodeVkey(SIGNER.name, type, SIGNER.publicKey);
  const parsed = parseVkey(vkey);
  expect(parsed.ok && parsed.value).toMatchObject({ name: SIGNER.name, type, vkey });
  expect(parsed.ok && parsed.value.id).toBe(keyId(SIGNER.name, type, SIGNER.publicKey));
});

test('the same key has another id under another name or for another use', () => {
  const ids = [
    keyId('a', 'ed25519', SIGNER.publicKey),
    keyId('b', 'ed25519', SIGNER.publicKey),
    keyId('a', 'cosignature', SIGNER.publicKey),
  ];
  expect(new Set(ids).size).toBe(3);
});

const good = encodeVkey(SIGNER.name, 'ed25519', SIGNER.publicKey);
const [name, id, key] = good.split(/\+(.{8})\+/) as [string, string, string];

test.each([
  ['', 'nothing'],
  [`${name}+${id}`, 'no key'],
  [`other+${id}+${key}`, 'the id of another name'],
  [`${name}+${id.toUpperCase()}+${key}`, 'upper-case digits'],
  [`${name}+00000000+${key}`, 'another id'],
  [`${name}+${id}+${key.slice(0, -4)}`, 'a short key'],
  [`${name}+${id}+${key} `, 'a trailing space'],
  [`na me+${id}+${key}`, 'a space in its name'],
  [`${name}+${id}+Ag==`, 'an unknown type'],
])('%j is refused: %s', (text) => {
  expect(parseVkey(text)).toMatchObject({ ok: false, code: 'VKEY_MALFORMED' });
});

test('any text reads as a key or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `${name}+${id}+${text}`),
      ),
      (text) => {
        const parsed = parseVkey(text);
        if (parsed.ok) expect(parsed.value.vkey).toBe(text);
      },
    ),
  );
});

test('any 32 bytes make a verifier, and signatures of any length are only ever false', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 100 }),
      (raw, bytes) => {
        for (const type of ['ed25519', 'cosignature'] as const) {
          expect(verifierOf('a', type, raw).verify(Buffer.from('text\n'), bytes)).toBe(false);
        }
      },
    ),
  );
});

test('a raw key is found in its DER form, and in no other', () => {
  const raw = testVerifier(SIGNER).publicKey;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  expect(rawPublicKey(raw)).toEqual(raw);
  expect(rawPublicKey(der)).toEqual(raw);
  expect(rawPublicKey(der.subarray(1))).toBeNull();
  // X25519: one digit of the object identifier away.
  expect(rawPublicKey(Buffer.from(der.toString('hex').replace('032b6570', '032b656e'), 'hex'))).toBeNull();
});
