import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteBuffer } from '../../../tables/parquet/byte-buffer.ts';
import { TextIndex } from '../../../tables/parquet/text-index.ts';
import { readText } from '../../../tables/parquet/text-values.ts';
import { anyText } from './columns.ts';

// A multiplier of 0 makes all values collide: what an attacker who knew the hash could do.
test.each([undefined, 0])(
  'equal texts get one number, different ones different numbers (multiplier %s)',
  (multiplier) => {
    const texts = fc.array(
      fc.oneof(
        anyText,
        fc.nat(300).map((number) => `text number ${number}`),
      ),
      {
        maxLength: 600,
        size: 'max',
      },
    );
    fc.assert(
      fc.property(texts, (values) => {
        const arena = new ByteBuffer();
        arena.length = 4;
        const index = new TextIndex(arena, multiplier);
        const numbers = new Map<string, number>();
        for (const value of values) {
          const text = value.toWellFormed();
          const entry = index.entry(value);
          expect(entry).toBe(numbers.get(text) ?? numbers.size + 1);
          numbers.set(text, entry);
        }
        for (const [text, entry] of numbers) expect(readText(arena, index.offset(entry))).toBe(text);
        expect(index.count).toBe(numbers.size + 1);
      }),
      { numRuns: 50 },
    );
  },
);
