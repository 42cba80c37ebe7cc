import { expect, test } from 'vitest';
import { giveMemory, takeMemory } from '../../../tables/parquet/memory-pool.ts';

test('memory given back is handed out again, by size', () => {
  const memory = takeMemory(100_000);
  expect(memory.byteLength).toBe(131_072);
  giveMemory(memory);
  expect(takeMemory(70_000)).toBe(memory);
  expect(takeMemory(70_000)).not.toBe(memory);
});

test('idle memory is bounded', () => {
  const taken = Array.from({ length: 6 }, () => takeMemory(12 << 20));
  for (const memory of taken) giveMemory(memory);
  const again = Array.from({ length: 6 }, () => takeMemory(12 << 20));
  expect(again.filter((memory) => taken.includes(memory)).length).toBe(2);
});
