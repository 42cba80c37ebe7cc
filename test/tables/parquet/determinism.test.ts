import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { anyRow, COLUMNS } from './columns.ts';
import { type PlainRow, readWithDuckDB } from './readers.ts';

const SORT_BY = ['time', 'uid', 'label'];

function fileOf(rows: readonly PlainRow[], buffer = new RowBuffer(COLUMNS, { rowGroupRows: 9_000 })): Buffer {
  for (const row of rows) buffer.add(row, null);
  return Buffer.from(buffer.finish({ sortBy: SORT_BY, keyValue: { batch: '1' } })!.bytes);
}

/** Gives every row a sort key of its own. */
const numbered = (rows: readonly PlainRow[]) => rows.map((row, index) => ({ ...row, uid: `${index}` }));

/** The rows in an order that has nothing to do with the old one. */
const shuffled = (rows: readonly PlainRow[]) =>
  rows.map((_, index) => rows[(index * 7919 + 13) % rows.length]!);

describe('equal rows give equal bytes', () => {
  test('in whatever order they are added, when no two have the same sort key', () => {
    const orders = fc.array(anyRow, { minLength: 1, maxLength: 30 }).chain((rows) => {
      const all = numbered(rows);
      return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
    });
    fc.assert(
      fc.property(orders, ([rows, reordered]) => {
        expect(fileOf(reordered).equals(fileOf(rows))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('whatever the buffer was used for before', () => {
    const used = new RowBuffer(COLUMNS, { rowGroupRows: 9_000 });
    fileOf(
      Array.from({ length: 10_000 }, (_, index) => ({ label: `x${index}`, uid: `${index}`, targets: ['a'] })),
      used,
    );
    const rows = [{ time: 1, label: 'a', targets: ['b'], port: 1, mfa: true, bytes: 1, raw: 'r' }, {}];
    expect(fileOf(rows, used).equals(fileOf(rows))).toBe(true);
  });

  // Whether a column has a dictionary must not hang on which values came first.
  test.each([8_191, 8_192, 8_193])('with %i different values', (different) => {
    const rows = Array.from({ length: 10_007 }, (_, index) => ({
      uid: `${index}`,
      label: `label ${index % different}`,
    }));
    expect(fileOf(shuffled(rows)).equals(fileOf(rows))).toBe(true);
  });

  test('with values that just fill a dictionary or just do not', () => {
    // A hundred values take 10,480 bytes each, which leaves some 560 of the mebibyte for the first one.
    for (let firstLength = 545; firstLength < 575; firstLength++) {
      const rows = Array.from({ length: 101 }, (_, index) => ({
        uid: `${index}`,
        label: String.fromCharCode(200 + index) + 'x'.repeat(index === 0 ? firstLength : 10_467),
      }));
      expect(fileOf(shuffled(rows)).equals(fileOf(rows)), `first length ${firstLength}`).toBe(true);
    }
  });
});

describe('rows are sorted', () => {
  test('by each key in turn, nulls last, text by its UTF-8 bytes, ties in order of arrival', async () => {
    const rows: PlainRow[] = [
      { time: null, uid: 'a', raw: '8' },
      { time: 2, uid: 'b', raw: '4' },
      { time: 2, uid: null, raw: '7' },
      { time: 1, uid: 'z', raw: '1' },
      { time: 2, uid: '\u{10000}', raw: '6' },
      { time: 2, uid: '\uffff', raw: '5' },
      { time: -1, uid: 'z', raw: '0' },
      { time: 2, uid: 'a', raw: '2' },
      { time: 2, uid: 'a', raw: '3' },
      { time: null, uid: null, raw: '9' },
    ];
    const stored = await readWithDuckDB(fileOf(rows), COLUMNS);
    expect(stored.map((row) => row['raw']).join('')).toBe('0123456789');
  });

  test('by any column', async () => {
    const buffer = new RowBuffer(COLUMNS);
    const rows: PlainRow[] = [
      { mfa: true, targets: ['b'], raw: '5' },
      { mfa: null, targets: [], raw: '6' },
      { mfa: false, targets: null, raw: '3' },
      { mfa: false, targets: ['a', 'b'], raw: '2' },
      { mfa: false, targets: ['a'], raw: '1' },
      { mfa: true, targets: [], raw: '4' },
    ];
    for (const row of rows) buffer.add(row, null);
    const { bytes } = buffer.finish({ sortBy: ['mfa', 'targets'] })!;
    const stored = await readWithDuckDB(bytes, COLUMNS);
    expect(stored.map((row) => row['raw']).join('')).toBe('123456');
  });

  test('not by a column that is none', () => {
    const buffer = new RowBuffer(COLUMNS);
    buffer.add({}, null);
    expect(() => buffer.finish({ sortBy: ['when'] })).toThrow(/'when'.*time, label/);
  });
});
