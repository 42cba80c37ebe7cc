import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { emptySet, putIn, sameSet } from '../../stages/verify/row-sets.ts';

const setOf = (...rows: readonly (readonly unknown[])[]) => {
  const set = emptySet();
  for (const row of rows) putIn(set, row);
  return set;
};

test('the same rows in any order are the same set, and any other are another', () => {
  expect(sameSet(setOf(['a', 1], ['b', 2]), setOf(['b', 2], ['a', 1]))).toBe(true);
  for (const other of [setOf(['a', 1]), setOf(['a', 1], ['b', 3]), setOf(['a', 1], ['a', 1], ['b', 2])])
    expect(sameSet(setOf(['a', 1], ['b', 2]), other)).toBe(false);
});

test('nobody can reckon beforehand which other rows would pass for these', () => {
  const known = Number.parseInt(hash('sha256', JSON.stringify(['a', 1]), 'hex').slice(0, 12), 16);
  expect(setOf(['a', 1]).low).not.toBe(known);
});
