import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_COLUMNS } from '../../../schema/columns.ts';
import { type BoundValue, boundBytes, type FileFacts } from '../../../tables/iceberg/data-file.ts';
import { factsOfEncoded, factsOfFooter } from '../../../tables/iceberg/file-facts.ts';
import { partitionOf } from '../../../tables/iceberg/partition.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';

type GivenRow = Readonly<Record<string, unknown>>;

const SORT = ['time', 'uid'];

/** The facts of the same file from both ends. */
function factsOf(rows: readonly GivenRow[], rowGroupRows = 3): { encoded: FileFacts; stored: FileFacts } {
  const buffer = new RowBuffer(EVENT_COLUMNS, { rowGroupRows });
  for (const row of rows) buffer.add(row, null);
  const file = buffer.finish({ sortBy: SORT })!;
  const { offset, length } = file.footer;
  return {
    encoded: factsOfEncoded(file, SORT),
    stored: factsOfFooter(file.bytes.subarray(offset, offset + length), file.bytes.length),
  };
}

/** Bounds as a manifest holds them, so that text, bytes and both sizes of number compare. */
function comparable({ columns, ...rest }: FileFacts) {
  const bound = (value: BoundValue | null) => {
    if (value === null) return null;
    if (typeof value === 'boolean') return boundBytes('boolean', value).toString('hex');
    const number = typeof value === 'number' || typeof value === 'bigint';
    return boundBytes(number ? 'long' : 'string', value).toString('hex');
  };
  const told = [...columns].map(([name, { min, max, ...counts }]) => [
    name,
    { ...counts, min: bound(min), max: bound(max) },
  ]);
  return { ...rest, columns: Object.fromEntries(told) };
}

const text = fc.option(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 90 }), fc.constant('\ufeffmark')));
const micros = fc.option(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }));
const row = fc.record({
  time: micros,
  uid: text,
  src_port: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  count: fc.option(fc.maxSafeInteger()),
  mfa: fc.option(fc.boolean()),
  targets: fc.option(fc.array(fc.string(), { maxLength: 3 })),
  raw: text,
});
const rows = fc.array(row, { minLength: 1, maxLength: 12 });

test('the encoder and the footer of its file say the same', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 12 }), (given, group) => {
      const { encoded, stored } = factsOf(given, group);
      expect(comparable(stored)).toEqual(comparable(encoded));
    }),
    { numRuns: 60 },
  );
});

test('no value lies outside the bounds, and nulls are counted', () => {
  const inside = {
    time: 'timestamptz',
    uid: 'string',
    src_port: 'int',
    count: 'long',
    mfa: 'boolean',
  } as const;
  fc.assert(
    fc.property(rows, (given) => {
      const { stored } = factsOf(given);
      for (const [name, type] of Object.entries(inside)) {
        const { min, max, nulls, values } = stored.columns.get(name)!;
        const present = given
          .map((item) => item[name as keyof typeof item])
          .filter((value) => value !== null);
        expect([nulls, values]).toEqual([given.length - present.length, given.length]);
        if (present.length === 0) expect([min, max]).toEqual([null, null]);
        if (min === null || max === null) continue;
        for (const value of present) {
          const order = type === 'string' ? asText : asNumber;
          expect(order(min, value)).toBeLessThanOrEqual(0);
          expect(order(value, max)).toBeLessThanOrEqual(0);
        }
      }
    }),
    { numRuns: 60 },
  );
});

const asText = (a: unknown, b: unknown): number =>
  Buffer.compare(boundBytes('string', a as BoundValue), boundBytes('string', b as BoundValue));
const asNumber = (a: unknown, b: unknown): number => Number(a) - Number(b);

const HOUR = 3_600e6;
const partition = (times: readonly (number | null)[]) => {
  const { stored } = factsOf(times.map((time) => ({ time })));
  return partitionOf('events', stored.rows, stored.columns.get('time'));
};

test('a file belongs to the day of its times, rows without one to no day', () => {
  expect(partition([0, HOUR, 24 * HOUR - 1])).toEqual({ specId: 0, day: 0 });
  expect(partition([-1])).toEqual({ specId: 0, day: -1 });
  expect(partition([19_675 * 24 * HOUR])).toEqual({ specId: 0, day: 19_675 });
  expect(partition([null, null])).toEqual({ specId: 0, day: null });
});

test('a file of two days, or of dated and undated rows, is put where every query sees it', () => {
  expect(partition([24 * HOUR - 1, 24 * HOUR])).toEqual({ specId: 1 });
  expect(partition([null, 0])).toEqual({ specId: 1 });
});

test('tables whose rows have no day of their own are not divided', () => {
  expect(partitionOf('evidence', 1, undefined)).toEqual({ specId: 0 });
  const { stored } = factsOf([{ time: 0 }]);
  expect(partitionOf('coverage_facts', 1, stored.columns.get('time'))).toEqual({ specId: 0 });
});

test('what is no footer is told as such', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('PAR1'), Buffer.alloc(40, 'PAR1')])
    expect(() => factsOfFooter(bytes, 100)).toThrow(expect.objectContaining({ code: 'DATA_ALTERED' }));
});
