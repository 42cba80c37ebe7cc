import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutToWidth, textWidth } from '../../../engine/format/width.ts';

test.each([
  ['', 0],
  ['abc', 3],
  ['日本語', 6],
  ['ｱｲｳ', 3],
  ['Ａ', 2],
  ['e\u0301', 1],
  ['한글', 4],
  ['😀', 2],
  ['→ · ─', 5],
  ['𠮷', 2],
])('%j takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('text is cut between characters and marked', () => {
  expect(cutToWidth('abcdef', 6)).toBe('abcdef');
  expect(cutToWidth('abcdefg', 6)).toBe('abcde…');
  expect(cutToWidth('日本語', 5)).toBe('日本…');
  expect(cutToWidth('日本語', 4)).toBe('日…');
  expect(cutToWidth('😀😀', 2)).toBe('…');
});

test('any text fits any width of at least one column', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const cut = cutToWidth(text, width);
      expect(textWidth(cut)).toBeLessThanOrEqual(width);
      if (textWidth(text) <= width) expect(cut).toBe(text);
    }),
  );
});
