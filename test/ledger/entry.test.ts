import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_ENTRY_BYTES } from '../../ledger/bundle.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { decodeEntry, type Entry, encodeEntry } from '../../ledger/entry.ts';
import { ALL_DRAFTS, DRAFTS } from './parts/drafts.ts';

const entry = { ...DRAFTS.evidence, v: 1, previous: 41 } as const satisfies Entry;

const bytesOf = (value: unknown): Uint8Array => {
  const written = canonicalJson(value);
  if (!written.ok) throw new Error(written.problem);
  return Buffer.from(written.value);
};

test.each(ALL_DRAFTS.map((draft) => [draft.kind, draft] as const))(
  'a %s entry reads back as written',
  (_, draft) => {
    for (const previous of [null, 0, 2 ** 40]) {
      const given: Entry = { ...draft, v: 1, previous };
      const bytes = encodeEntry(given);
      expect(decodeEntry(bytes)).toEqual({ ok: true, value: given });
      expect(Buffer.from(bytes).toString()).toMatch(/^\{"[^ \n]/);
    }
  },
);

test('what is stored never changes its spelling', () => {
  expect(Buffer.from(encodeEntry({ ...DRAFTS.metadata, v: 1, previous: null })).toString()).toBe(
    '{"key":"tables/events/metadata/00001.json","kind":"metadata","previous":null,' +
      `"sha256":"${'ab'.repeat(32)}","table":"events","v":1}`,
  );
});

test.each([
  ['a missing member', { ...entry, size: undefined }],
  ['a member too many', { ...entry, note: 'x' }],
  ['counts that do not add up', { ...entry, counts: { ...entry.counts, skipped: 1 } }],
  ['a hash in upper case', { ...entry, sha256: 'AB'.repeat(32) }],
  ['a negative size', { ...entry, size: -1 }],
  ['a fraction', { ...entry, receivedAt: 0.5 }],
  ['a size beyond 2^53', { ...entry, size: 2 ** 53 }],
  ['an unknown role', { ...entry, role: 'other' }],
  ['an unknown kind', { ...entry, kind: 'other' }],
  ['a kind of every object', { ...entry, kind: 'constructor' }],
  ['no version', { ...entry, v: 0 }],
  ['no predecessor named', { ...entry, previous: undefined }],
  ['a day that never was', { ...DRAFTS.data, v: 1, previous: null, day: '2026-02-30' }],
])('%s is refused by writer and reader alike', (_, value) => {
  expect(() => encodeEntry(value as unknown as Entry)).toThrow(
    expect.objectContaining({ code: 'ENTRY_INVALID' }),
  );
  const spelled = Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
  expect(decodeEntry(bytesOf(spelled))).toMatchObject({ ok: false, code: 'ENTRY_UNREADABLE' });
});

test('text that is half a character is refused, since no two readers spell it the same', () => {
  expect(() => encodeEntry({ ...entry, origin: 'a\ud800' })).toThrow(
    expect.objectContaining({ code: 'JSON_NOT_CANONICAL' }),
  );
});

test('65,535 bytes fit and one more does not', () => {
  const room = MAX_ENTRY_BYTES - encodeEntry({ ...entry, origin: '' }).length;
  expect(encodeEntry({ ...entry, origin: 'x'.repeat(room) })).toHaveLength(MAX_ENTRY_BYTES);
  expect(() => encodeEntry({ ...entry, origin: 'x'.repeat(room + 1) })).toThrow(
    expect.objectContaining({ code: 'ENTRY_TOO_LONG' }),
  );
});

test('another spelling of the same entry is not the entry', () => {
  const text = Buffer.from(encodeEntry(entry)).toString();
  for (const other of [
    ` ${text}`,
    text.replace(':', ': '),
    text.replace('{', '{"v":1,'),
    text.replace('events', '\\u0065vents'),
  ]) {
    expect(decodeEntry(Buffer.from(other)).ok).toBe(false);
  }
});

test('any bytes and any JSON read as an entry or a refusal', () => {
  const near = fc
    .tuple(fc.constantFrom(...Object.keys(entry)), fc.jsonValue())
    .map(([name, value]) => bytesOf({ ...entry, [name]: value }));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.jsonValue().map(bytesOf), near), (bytes) => {
      const decoded = decodeEntry(bytes);
      if (decoded.ok) expect(Buffer.from(encodeEntry(decoded.value))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('an entry of a newer version is told apart from one that nobody can read', () => {
  expect(decodeEntry(bytesOf({ ...entry, v: 2, kind: 'other', more: 1 }))).toMatchObject({
    ok: false,
    code: 'LAKE_NEWER',
  });
});
