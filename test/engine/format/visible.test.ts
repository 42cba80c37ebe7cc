import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleJson } from '../../../engine/format/visible.ts';

test.each([
  ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
  ['\u009b31m', '\\x9b31m'],
  ['a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['\u202egpj.exe', '\\u{202e}gpj.exe'],
  ['a\u200bb\ufeffc\u2060d', 'a\\u{200b}b\\u{feff}c\\u{2060}d'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\u2028\u2029\0\x7f', '\\u{2028}\\u{2029}\\x00\\x7f'],
  ['\ud800', '\\u{d800}'],
  ['plain, 日本語, é, 😀', 'plain, 日本語, é, 😀'],
])('%j is shown as %s', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

const anyText = fc.string({ unit: 'binary' });

test('no control or format character is left in any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test('JSON made harmless is one line of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = visibleJson(JSON.stringify(value));
      expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
