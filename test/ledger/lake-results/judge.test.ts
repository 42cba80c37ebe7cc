import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrailKeys } from '../../../ledger/digests/keys.ts';
import { judgeResults } from '../../../ledger/lake-results/judge.ts';
import { parseSignFile } from '../../../ledger/lake-results/sign-file.ts';
import { HOUR, keysOf, makeSigner } from '../digests/parts/trail.ts';
import { COMPLETED, csv, savedQuery } from './parts.ts';

const signer = makeSigner(COMPLETED - 240 * HOUR, COMPLETED + 240 * HOUR);
const early = makeSigner(COMPLETED - 480 * HOUR, COMPLETED - 240 * HOUR);
const FOLDER = 'Query/2026/03/02/q1/';

type Files = Map<string, Uint8Array>;

/** State by name, of what is held in one folder; a name may have a folder of its own. */
function states(files: Files, keys: TrailKeys): Record<string, string> {
  const held = [...files].map(([name, bytes]) => ({
    id: hash('sha256', bytes, 'hex'),
    origin: name.includes('/') ? name : FOLDER + name,
    bytes,
  }));
  const isSign = ({ origin }: { origin: string }) => origin.endsWith('result_sign.json');
  const signs = held.filter(isSign).map((one) => ({ ...one, file: parseSignFile(one.bytes) }));
  const verdicts = judgeResults(
    signs,
    held.filter((one) => !isSign(one)),
    keys,
  );
  return Object.fromEntries(
    verdicts.map(({ origin, state }) => [origin.slice(origin.lastIndexOf('/') + 1), state]),
  );
}

const honest = (): Files => savedQuery(signer, [csv('a'), csv('b')]);
const keys = keysOf(signer, early);
const valid = { 'result_sign.json': 'VALID', 'result_1.csv.gz': 'VALID', 'result_2.csv.gz': 'VALID' };

test('what Lake saved is valid, with the key of its fingerprint', () => {
  expect(states(honest(), keys)).toEqual(valid);
});

const other = gzipSync(csv('c'));
test.each<[string, (files: Files) => void, Record<string, string>]>([
  [
    'a file altered',
    (files) => files.set('result_2.csv.gz', other),
    { 'result_sign.json': 'FILE_ALTERED', 'result_1.csv.gz': 'VALID', 'result_2.csv.gz': 'HASH_MISMATCH' },
  ],
  [
    'a file gone',
    (files) => files.delete('result_2.csv.gz'),
    { 'result_sign.json': 'FILE_MISSING', 'result_1.csv.gz': 'VALID' },
  ],
  [
    'a file added',
    (files) => files.set('result_3.csv.gz', other),
    { ...valid, 'result_3.csv.gz': 'FILE_EXTRA' },
  ],
  [
    'a file unpacked',
    (files) => {
      files.delete('result_2.csv.gz');
      files.set('result_2.csv', Buffer.from(csv('b')));
    },
    { 'result_sign.json': 'FILE_MISSING', 'result_1.csv.gz': 'VALID', 'result_2.csv': 'UNPACKED' },
  ],
  [
    'the sign file gone',
    (files) => files.delete('result_sign.json'),
    { 'result_1.csv.gz': 'UNSIGNED', 'result_2.csv.gz': 'UNSIGNED' },
  ],
  [
    'the sign file cut',
    (files) => files.set('result_sign.json', files.get('result_sign.json')!.subarray(0, 90)),
    { 'result_sign.json': 'INVALID_FORMAT', 'result_1.csv.gz': 'UNSIGNED', 'result_2.csv.gz': 'UNSIGNED' },
  ],
  [
    'a file in another folder, where it proves itself by its hash',
    (files) => {
      files.set('elsewhere/result_2.csv.gz', files.get('result_2.csv.gz')!);
      files.delete('result_2.csv.gz');
    },
    valid,
  ],
])('%s', (_, manipulate, expected) => {
  const files = honest();
  manipulate(files);
  expect(states(files, keys)).toEqual(expected);
});

const unproven = { 'result_1.csv.gz': 'UNPROVEN' };
test.each<[string, (sign: Record<string, unknown>) => void, string]>([
  [
    'a signature of something else',
    (sign) => Object.assign(sign, { hashSignature: '00'.repeat(256) }),
    'SIGNATURE_INVALID',
  ],
  [
    'a fingerprint that no key has',
    (sign) => Object.assign(sign, { publicKeyFingerprint: 'ff' }),
    'KEY_NOT_FOUND',
  ],
  [
    'hashes put right after an alteration',
    (sign) =>
      Object.assign(sign, { files: [{ fileName: 'result_1.csv.gz', fileHashValue: 'a'.repeat(64) }] }),
    'SIGNATURE_INVALID',
  ],
])('%s', (_, change, state) => {
  const found = states(savedQuery(signer, [csv('a')], change), keys);
  expect(found['result_sign.json']).toBe(state);
  expect(found['result_1.csv.gz']).not.toBe('VALID');
});

test('a key that was not valid then, or of another region, proves nothing', () => {
  const late = savedQuery(early, [csv('a')]);
  expect(states(late, keys)).toEqual({ 'result_sign.json': 'KEY_OUT_OF_WINDOW', ...unproven });
  const region = new Map(
    [...keysOf(signer)].map(([id, list]) => [id, list.map((key) => ({ ...key, region: 'eu-west-1' }))]),
  );
  expect(states(savedQuery(signer, [csv('a')]), region)).toEqual({
    'result_sign.json': 'KEY_NOT_FOUND',
    ...unproven,
  });
  expect(states(savedQuery(signer, [csv('a')]), new Map())).toEqual({
    'result_sign.json': 'KEY_NOT_FOUND',
    ...unproven,
  });
});

test('the vendor example has the documented form', () => {
  const example = {
    version: '1.0',
    region: 'us-east-1',
    files: [
      {
        fileHashValue: 'de85a48b8a363033c891abd723181243620a3af3b6505f0a44db77e147e9c188',
        fileName: 'result_1.csv.gz',
      },
    ],
    hashAlgorithm: 'SHA-256',
    signatureAlgorithm: 'SHA256withRSA',
    queryCompleteTime: '2022-05-10T22:06:30Z',
    hashSignature: '7664652aaf1d5a17',
    publicKeyFingerprint: '67b9fa73676d86966b449dd677850753',
  };
  const parsed = parseSignFile(Buffer.from(JSON.stringify(example)));
  expect(parsed).toMatchObject({
    ok: true,
    value: { region: 'us-east-1', completed: Date.UTC(2022, 4, 10, 22, 6, 30) },
  });
});

test('any bytes are a sign file or none, and any byte changed is no longer valid', () => {
  const files = savedQuery(signer, [csv('a')]);
  const sign = files.get('result_sign.json')!;
  const hashes = Buffer.from(sign).indexOf('"fileHashValue"');
  fc.assert(
    fc.property(fc.nat(sign.length - 1), fc.nat(255), (at, byte) => {
      const changed = Uint8Array.from(sign);
      if (changed[at] === byte) return;
      changed[at] = byte;
      const found = states(new Map(files).set('result_sign.json', changed), keys);
      // Of all that stands in it, the hashes alone are signed.
      if (at >= hashes + 18 && at < hashes + 82)
        expect(found['result_sign.json'], String(at)).not.toBe('VALID');
      expect(Object.keys(found)).toHaveLength(2);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(parseSignFile(bytes).ok).toBe(false);
      },
    ),
  );
});
