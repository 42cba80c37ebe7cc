import { expect, test } from 'vitest';
import { dropMemory, giveMemory, takeMemory } from '../../../tables/parquet/memory-pool.ts';

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

test('memory that is dropped is gone at once; what may be shared stays', () => {
  const large = new Uint8Array(1 << 20);
  dropMemory(large.subarray(10, 20));
  expect(large.length).toBe(0);
  const small = Buffer.from('shared with others');
  dropMemory(small);
  expect(small.toString()).toBe('shared with others');
});
