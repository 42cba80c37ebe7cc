/** Texts and tables that fit: folded between words for people, whole for programs. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { folded, foldWidth, terminalWidth, textTable } from '../../cli/terminal.ts';

afterEach(() => vi.unstubAllEnvs());

describe('width', () => {
  test('is what COLUMNS says', () => {
    vi.stubEnv('COLUMNS', '60');
    expect([terminalWidth(), foldWidth()]).toEqual([60, 60]);
  });

  test.each(['', '0', '7', '-60', 'wide', '60.5'])('is not what COLUMNS=%j says', (columns) => {
    vi.stubEnv('COLUMNS', columns);
    expect(terminalWidth()).not.toBe(Number(columns));
    expect(terminalWidth()).toBeGreaterThanOrEqual(20);
  });
});

test('folds between words, and leaves a word that is too long', () => {
  expect(folded('one two three', 7)).toEqual(['one two', 'three']);
  expect(folded('a-very-long-word b', 5)).toEqual(['a-very-long-word', 'b']);
  expect(folded('', 5)).toEqual(['']);
  expect(folded('never folded', Number.POSITIVE_INFINITY)).toEqual(['never folded']);
});

describe('a table', () => {
  const columns = [{ title: 'name' }, { title: 'meaning' }];
  const rows = [['short', 'a text of some length that goes on']];

  test('folds its last column under itself', () => {
    vi.stubEnv('COLUMNS', '25');
    expect(textTable(columns, rows)).toBe(
      'name   meaning\nshort  a text of some\n       length that goes\n       on',
    );
  });

  test('puts it below where there is too little room beside it', () => {
    vi.stubEnv('COLUMNS', '20');
    expect(textTable(columns, rows)).toBe(
      'name   meaning\nshort\n    a text of some\n    length that goes\n    on',
    );
  });

  test('stays as it is where it fits', () => {
    vi.stubEnv('COLUMNS', '80');
    expect(textTable(columns, rows)).toBe('name   meaning\nshort  a text of some length that goes on');
  });
});
