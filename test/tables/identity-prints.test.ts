import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countCopies, countNewCopies, decodePrints, encodePrints } from '../../tables/identity-prints.ts';

/** Few values, so that lists share some. */
const list = fc
  .array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 })
  .map((values) => Float64Array.from(values).sort());
const lists = fc.array(list, { maxLength: 6 });

test('copies that new lists bring are those that all have together less those that were there', () => {
  fc.assert(
    fc.property(lists, lists, (before, added) => {
      expect(countNewCopies(before, added)).toBe(countCopies([...before, ...added]) - countCopies(before));
    }),
  );
});

test('a list far longer than what is looked for is not gone through', () => {
  const long = Float64Array.from({ length: 2_000_000 }, (_, i) => i * 3);
  const few = Float64Array.of(0, 1, 2, 3, 2_999_997, 2_999_998, 5_999_997, 6_000_000);
  const started = process.cpuUsage();
  for (let i = 0; i < 2000; i++) expect(countNewCopies([long], [few])).toBe(4);
  const { user } = process.cpuUsage(started);
  expect(user).toBeLessThan(2e6);
});

test('lists are read back from wherever their bytes lie, and not when they were altered', () => {
  const prints = [3, 2 ** 53 - 1, 17];
  const stored = encodePrints(prints);
  for (const offset of [0, 1, 8, 13]) {
    const around = new Uint8Array(stored.length + offset);
    around.set(stored, offset);
    expect([...decodePrints(around.subarray(offset), 3)!]).toEqual([3, 17, 2 ** 53 - 1]);
    around[offset]! ^= 1;
    expect(decodePrints(around.subarray(offset), 3)).toBeNull();
  }
});
