import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from '../../ledger/bundle.ts';

test('entries come out as they went in', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 });
  fc.assert(
    fc.property(entries, (given) => {
      const outcome = decodeBundle(encodeBundle(given));
      expect(outcome.ok && outcome.value.map((entry) => [...entry])).toEqual(
        given.map((entry) => [...entry]),
      );
    }),
  );
});

test('lengths are two bytes, big-endian', () => {
  expect([...encodeBundle([Buffer.from('ab'), Buffer.alloc(0)])]).toEqual([0, 2, 0x61, 0x62, 0, 0]);
  const longest = Buffer.alloc(MAX_ENTRY_BYTES, 1);
  const bytes = encodeBundle([longest]);
  expect([...bytes.subarray(0, 3)]).toEqual([255, 255, 1]);
  expect(decodeBundle(bytes)).toEqual({ ok: true, value: [longest] });
});

test('a bundle cut short anywhere is refused or shorter, never read beyond its end', () => {
  const bytes = encodeBundle([Buffer.from('one'), Buffer.from('two')]);
  for (let end = 0; end < bytes.length; end++) {
    const outcome = decodeBundle(bytes.subarray(0, end));
    expect(outcome.ok ? outcome.value.length : 'refused').toBe(end === 0 ? 0 : end === 5 ? 1 : 'refused');
  }
});

test('more than 256 entries are no bundle', () => {
  expect(decodeBundle(Buffer.alloc(2 * 256)).ok).toBe(true);
  expect(decodeBundle(Buffer.alloc(2 * 257)).ok).toBe(false);
});

test('any bytes decode to an outcome', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const outcome = decodeBundle(bytes);
      if (outcome.ok) expect(Buffer.from(encodeBundle(outcome.value))).toEqual(Buffer.from(bytes));
    }),
  );
});
