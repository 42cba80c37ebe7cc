import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AkashiError } from '../../schema/error.ts';
import { isKey } from '../../vault/key-syntax.ts';
import {
  classOf,
  cursorKey,
  dataKey,
  evidenceKey,
  isLockedKey,
  isWriteOnceKey,
  KEY_CLASSES,
  type KeyClassName,
  type KeyParts,
  keyClass,
  makeKey,
  parseKey,
  pendingKey,
} from '../../vault/keys.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const count = fc.maxSafeNat();
const source = fc.constantFrom(
  'aws.cloudtrail',
  'azure.signin',
  'generic.text',
  'unrecognised',
  'k8s.audit',
  'x-1',
);
const table = fc.constantFrom('events', 'flows', 'evidence', 'quarantine', 'a_1');
const day = fc.oneof(
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.constant('undated'),
);
const file = fc.record({ table, day, batch: hex(64), part: count });
const level = fc.integer({ min: 0, max: 63 });
const width = fc.integer({ min: 1, max: 255 });
const name = fc
  .array(fc.stringMatching(/^[a-z0-9_][a-z0-9._-]{0,20}[a-z0-9_-]$/), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'));
const none = fc.constant({});

const PARTS: { readonly [N in KeyClassName]: fc.Arbitrary<KeyParts[N]> } = {
  evidence: fc.record({ source, sha256: hex(64) }),
  data: file,
  ranges: file,
  compacted: file,
  compactedRanges: file,
  tableMetadata: fc.record({ table, version: count, sha256: hex(64) }),
  tablePart: fc.record({ table, sha256: hex(64) }),
  manifestList: fc.record({ table, snapshot: fc.bigInt(0n, 2n ** 63n - 1n), sha256: hex(64) }),
  manifest: fc.record({ table, sha256: hex(64) }),
  tile: fc.record({ level, index: count }),
  entries: fc.record({ index: count }),
  checkpoint: fc.record({ size: count }),
  timestamp: fc.record({ size: count }),
  timestampContext: fc.record({ size: count, token: hex(64) }),
  revocationList: fc.record({ sha256: hex(64) }),
  head: none,
  publishedCheckpoint: none,
  partialTile: fc.record({ level, index: count, width }),
  partialEntries: fc.record({ index: count, width }),
  staging: fc.record({ size: count, root: hex(64) }),
  pending: fc.record({ sha256: hex(64), manifest: hex(16) }),
  holdList: fc.record({ sha256: hex(64) }),
  growth: fc.record({ size: count, sha256: hex(64) }),
  note: fc.record({ kind: fc.constantFrom('custody', 'hold', 'gap'), sha256: hex(64) }),
  cursor: fc.record({ feed: source }),
  holds: none,
  users: none,
  lakeNote: none,
  verifierKey: none,
  versionHint: fc.record({ table }),
  needles: fc.record({ table, sha256: hex(64), part: fc.constantFrom('pack', 'json') }),
  index: fc.record({ table, name }),
  cache: fc.record({ name }),
};

describe.each(KEY_CLASSES)('%s', (className) => {
  test('parts come back from the key made of them', () => {
    fc.assert(
      fc.property(PARTS[className] as fc.Arbitrary<KeyParts[typeof className]>, (parts) => {
        const key = makeKey(className, parts);
        expect(isKey(key)).toBe(true);
        expect(parseKey(key)).toEqual({ class: className, ...parts });
        expect(classOf(key)?.name).toBe(className);
      }),
      { numRuns: 100 },
    );
  });
});

test('a key that parses is made again the same, whatever small change was done to it', () => {
  const anyKey = fc.oneof(
    ...KEY_CLASSES.map((className) =>
      (PARTS[className] as fc.Arbitrary<never>).map((parts) => makeKey(className, parts)),
    ),
  );
  fc.assert(
    fc.property(anyKey, fc.nat(), fc.constantFrom(...'0a/.-pxZ '), (key, at, character) => {
      const position = at % key.length;
      const mutated = key.slice(0, position) + character + key.slice(position + 1);
      const parsed = parseKey(mutated);
      if (parsed === null) return;
      const { class: className, ...parts } = parsed;
      expect(makeKey(className, parts as never)).toBe(mutated);
    }),
    { numRuns: 2000 },
  );
});

test('any text may be asked about', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(() => [parseKey(text), classOf(text), isLockedKey(text)]).not.toThrow();
    }),
  );
});

test('the keys of the design', () => {
  const hash = 'ab'.repeat(32);
  expect(evidenceKey('aws.cloudtrail', hash)).toBe(`evidence/aws.cloudtrail/ab/${hash}`);
  expect(dataKey('events', { day: '2026-01-31', batch: hash, part: 0 })).toBe(
    `tables/events/data/2026-01-31/${hash}-0.parquet`,
  );
  expect(makeKey('compacted', { table: 'events', day: 'undated', batch: hash, part: 2 })).toBe(
    `tables/events/data/undated/compacted-${hash}-2.parquet`,
  );
  // https://c2sp.org/tlog-tiles gives this very index as its example.
  expect(makeKey('tile', { level: 0, index: 1_234_067 })).toBe('ledger/tile/0/x001/x234/067');
  expect(makeKey('partialTile', { level: 2, index: 0, width: 2 })).toBe('ledger/tile/2/000.p/2');
  expect(makeKey('entries', { index: 1000 })).toBe('ledger/tile/entries/x001/000');
  expect(makeKey('checkpoint', { size: 70_000 })).toBe('ledger/checkpoints/70000');
  expect(makeKey('timestamp', { size: 70_000 })).toBe('ledger/timestamps/70000.tsr');
  expect(pendingKey(hash, '0123456789abcdef')).toBe(`pending/${hash}-0123456789abcdef.json`);
  expect(cursorKey('azure.activity')).toBe('cursors/azure.activity.json');
});

test.each([
  ['evidence under another’s two digits', `evidence/aws.cloudtrail/aa/${'bb'.repeat(32)}`],
  ['upper-case hash', `evidence/aws.cloudtrail/AB/${'AB'.repeat(32)}`],
  ['a day that is none', `tables/events/data/2026-02-30/${'ab'.repeat(32)}-0.parquet`],
  ['a part with a leading zero', `tables/events/data/2026-02-28/${'ab'.repeat(32)}-00.parquet`],
  [
    'a part beyond exact numbers',
    `tables/events/data/2026-02-28/${'ab'.repeat(32)}-9007199254740993.parquet`,
  ],
  ['a tile index padded too far', 'ledger/tile/0/x000/001'],
  ['a full tile called partial', 'ledger/tile/0/001.p/256'],
  ['a partial tile without hashes', 'ledger/tile/0/001.p/0'],
  ['a level no tree reaches', 'ledger/tile/64/001'],
  ['a snapshot id beyond 64 bits', `tables/events/metadata/snap-9223372036854775808-${'ab'.repeat(32)}.avro`],
  ['a metadata version padded too far', `tables/events/metadata/000001-${'ab'.repeat(32)}.metadata.json`],
])('%s is no key', (_, text) => {
  expect(parseKey(text)).toBeNull();
});

test.each([
  () => evidenceKey('aws.cloudtrail', 'not a hash'),
  () => evidenceKey('../../escape', 'ab'.repeat(32)),
  () => evidenceKey('aws/cloudtrail', 'ab'.repeat(32)),
  () => dataKey('events', { day: '2026-13-01', batch: 'ab'.repeat(32), part: 0 }),
  () => dataKey('events', { day: '2026-01-01', batch: 'ab'.repeat(32), part: -1 }),
  () => dataKey('events', { day: '2026-01-01', batch: 'ab'.repeat(32), part: 1.5 }),
  () => makeKey('cache', { name: '../x' }),
  () => makeKey('cache', { name: '' }),
  () => makeKey('index', { table: 'events', name: 'a//b' }),
  () => makeKey('tile', { level: 0, index: Number.NaN }),
  () => makeKey('tile', { level: 0, index: Number.POSITIVE_INFINITY }),
  () => makeKey('tile', { level: 0, index: -1 }),
  () => makeKey('partialTile', { level: 0, index: 0, width: 256 }),
  () => makeKey('checkpoint', { size: 2 ** 53 }),
  () => makeKey('manifestList', { table: 'events', snapshot: -1n, sha256: 'ab'.repeat(32) }),
])('no key is made of parts that would not come back (%#)', (make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'STORE_BAD_KEY' } satisfies Partial<AkashiError>));
});

test('what the ledger covers is write-once; what is locked lies in the vault', () => {
  for (const className of KEY_CLASSES) {
    const { home, verdict, writeOnce, kind } = keyClass(className);
    if (verdict === 'covered') expect(writeOnce, className).toBe(true);
    if (home === 'vault') expect([writeOnce, verdict], className).toEqual([true, 'covered']);
    if (kind.locked) expect(home, className).toBe('vault');
  }
});

test('evidence and a compacted day are locked, an intra-day file is not, the head is replaceable', () => {
  const parts = { table: 'events', day: '2026-01-01', batch: 'ab'.repeat(32), part: 0 };
  expect(isLockedKey(evidenceKey('linux.auth', 'ab'.repeat(32)))).toBe(true);
  expect(isLockedKey(makeKey('compacted', parts))).toBe(true);
  expect(isLockedKey(makeKey('data', parts))).toBe(false);
  expect(isWriteOnceKey('head')).toBe(false);
});
