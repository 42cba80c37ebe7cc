import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TextLayout } from '../../../tables/parquet/cells.ts';
import { TextCells } from '../../../tables/parquet/text-cells.ts';

const layout = (unique: boolean): TextLayout => ({ unique, bounds: true, bloom: 'none', needle: null });

/** Row numbers as `arrange` orders them, of texts and nulls. */
function arranged(values: readonly (string | null)[], unique: boolean): number[] {
  const cells = new TextCells(layout(unique));
  for (const [row, value] of values.entries()) if (value !== null) cells.put(row, value);
  const order = Uint32Array.from(values, (_, row) => row);
  cells.arrange(order);
  return [...order];
}

/** By UTF-8 bytes, nulls last, equal ones in order. */
function expected(values: readonly (string | null)[]): number[] {
  const bytes = values.map((value) => (value === null ? null : Buffer.from(value)));
  return values
    .map((_, row) => row)
    .sort((a, b) => {
      const [left, right] = [bytes[a]!, bytes[b]!];
      if (left === null || right === null) return Number(left === null) - Number(right === null) || a - b;
      return Buffer.compare(left, right) || a - b;
    });
}

const text = fc.oneof(
  fc.constantFrom('', 'a', 'arn:aws:iam::1:role/a', 'arn:aws:iam::1:role/b', '\u{10ffff}', '\uffff', '\0'),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.nat({ max: 99 }).map((number) => `arn:aws:sts::111122223333:assumed-role/role-${number}`),
);

test.each([[false], [true]])(
  'texts are sorted by their bytes, nulls last and equal ones in order (%s)',
  (unique) => {
    const values = fc.array(fc.option(text), { maxLength: 200 });
    fc.assert(
      fc.property(values, (all) => {
        expect(arranged(all, unique)).toEqual(expected(all));
      }),
      { numRuns: 200 },
    );
  },
);

test('many that begin alike, and many that are equal', () => {
  const values = Array.from({ length: 5000 }, (_, row) =>
    row % 7 === 0 ? null : `${'shared beginning '.repeat(4)}${(row * 7919) % 1013}`,
  );
  expect(arranged(values, false)).toEqual(expected(values));
  expect(arranged(values, true)).toEqual(expected(values));
});
