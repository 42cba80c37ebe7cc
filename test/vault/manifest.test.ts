import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeManifest, type Manifest, parseManifest } from '../../vault/manifest.ts';

const manifest: Manifest = {
  format: 1,
  source: 'aws.cloudtrail',
  role: 'records',
  sha256: 'ab'.repeat(32),
  size: 2048,
  origin: 's3://trails/AWSLogs/123456789012/a.json.gz',
  versionId: null,
  metadata: { 'content-type': 'application/json' },
  modified: 1_767_225_600_000_000,
  receivedAt: 1_767_225_700_000_000,
  collector: '0.1.0',
};
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('any manifest comes back from its bytes', () => {
  const whole = fc.integer();
  fc.assert(
    fc.property(
      fc.record({
        format: fc.constant(1 as const),
        source: fc.stringMatching(/^[a-z0-9]{1,9}([.-][a-z0-9]{1,9}){0,3}$/),
        role: fc.constantFrom('records' as const, 'digest' as const, 'unrecognised' as const),
        sha256: fc.constant('cd'.repeat(32)),
        size: fc.maxSafeNat(),
        origin: fc.string({ unit: 'grapheme' }),
        versionId: fc.option(fc.string()),
        metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        modified: fc.option(whole),
        receivedAt: whole,
        collector: fc.string(),
      }),
      (value) => {
        expect(parseManifest(encodeManifest(value))).toEqual(value);
      },
    ),
  );
});

test('what no ledger entry could hold is a problem, and written by nobody', () => {
  const long = { ...manifest, origin: 'x'.repeat(70_000) };
  expect(parseManifest(encode(long))).toMatchObject({ problem: expect.stringContaining('origin') });
  expect(() => encodeManifest(long)).toThrow('origin');
});

test.each([{ origin: '\ud800' }, { metadata: { '\udc00': 'x' } }, { metadata: { x: '\ud800' } }])(
  'half a surrogate pair is a problem: %j',
  (lie) => {
    expect(parseManifest(encode({ ...manifest, ...lie }))).toHaveProperty('problem');
  },
);

test('the order of members does not matter to the bytes', () => {
  const reversed = Object.fromEntries(Object.entries(manifest).reverse()) as unknown as Manifest;
  expect(encodeManifest(reversed)).toEqual(encodeManifest(manifest));
});

test.each([
  ['no JSON', new TextEncoder().encode('{"format":1'), /not JSON/],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /not JSON/],
  ['nothing', new Uint8Array(), /not JSON/],
  ['an array', encode([]), /not a JSON object/],
  ['null', encode(null), /not a JSON object/],
  ['a missing member', encode({ ...manifest, origin: undefined }), /"origin" is missing/],
  ['a hash in upper case', encode({ ...manifest, sha256: 'AB'.repeat(32) }), /"sha256"/],
  ['a negative size', encode({ ...manifest, size: -1 }), /"size"/],
  ['metadata that is no map of texts', encode({ ...manifest, metadata: { a: 1 } }), /"metadata"/],
  ['metadata that is a list', encode({ ...manifest, metadata: ['a'] }), /"metadata"/],
  ['a role nobody knows', encode({ ...manifest, role: 'event' }), /"role"/],
  ['a time in fractions', encode({ ...manifest, receivedAt: 1.5 }), /"receivedAt"/],
])('%s is a problem in a sentence', (_, bytes, problem) => {
  expect(parseManifest(bytes)).toEqual({ problem: expect.stringMatching(problem) });
});

test('members of a newer version are passed over, and written by nobody', () => {
  expect(parseManifest(encode({ ...manifest, extra: 1 }))).toEqual(manifest);
  expect(() => encodeManifest({ ...manifest, extra: 1 } as Manifest)).toThrow(/"extra"/);
});

test('a newer format waits for its version', () => {
  expect(parseManifest(encode({ format: 2, more: 1 }))).toEqual({
    problem: expect.stringContaining('newer version'),
    newer: true,
  });
});

test('any bytes are read without throwing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => new TextEncoder().encode(text)),
      ),
      (bytes) => {
        expect(parseManifest(bytes)).toBeTypeOf('object');
      },
    ),
  );
});

test('a manifest that could not be read again is not written', () => {
  expect(() => encodeManifest({ ...manifest, size: -1 })).toThrow(
    expect.objectContaining({ code: 'MANIFEST_INVALID' }),
  );
});
