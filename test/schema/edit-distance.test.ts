import { expect, test } from 'vitest';
import { editDistance } from '../../schema/edit-distance.ts';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['events', 'event', 1],
  ['events', 'evnets', 2],
  ['flows', 'blows', 1],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %i, either way', (a, b, distance) => {
  expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]);
});
