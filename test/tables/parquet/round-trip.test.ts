import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column, ColumnType } from '../../../schema/columns.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { type Cell, type PlainRow, readWithDuckDB, readWithHyparquet } from './readers.ts';

const column = (name: string, type: ColumnType): Column => ({ name, type, ocsf: null, meaning: name });

/** One column of each type and each way of keeping text. */
const COLUMNS: readonly Column[] = [
  column('time', 'time'),
  column('label', 'string'),
  column('uid', 'string'),
  column('port', 'int'),
  column('bytes', 'long'),
  column('mfa', 'bool'),
  column('targets', 'strings'),
  column('request', 'json'),
  column('raw', 'string'),
];

const MAX_MICROS = 250_000_000_000_000_000 / 100; // year 2049 and back: within what both readers print exactly
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom('', 'a', 'b', '\0', 'x\0y', '\ud800', 'é'.repeat(100), 'long '.repeat(5_000)),
);
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });
const row = fc.record({
  time: nullable(fc.integer({ min: -MAX_MICROS, max: MAX_MICROS })),
  label: nullable(text),
  uid: nullable(text),
  port: nullable(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  bytes: nullable(fc.maxSafeInteger()),
  mfa: nullable(fc.boolean()),
  targets: nullable(fc.array(text, { maxLength: 5 })),
  request: nullable(text),
  raw: nullable(text),
});

function wellFormed(cell: Cell): Cell {
  if (typeof cell === 'string') return cell.toWellFormed();
  if (Array.isArray(cell)) return cell.map((item: string) => item.toWellFormed());
  return cell === 0 ? 0 : cell;
}

const expected = (rows: readonly PlainRow[]): PlainRow[] =>
  rows.map((one) => Object.fromEntries(COLUMNS.map(({ name }) => [name, wellFormed(one[name]!)])));

async function expectRoundTrip(rows: readonly PlainRow[], rowGroupRows: number): Promise<void> {
  const buffer = new RowBuffer(COLUMNS, { rowGroupRows });
  for (const one of rows) buffer.add(one, null);
  const file = buffer.finish()!;
  expect(file.rows).toBe(rows.length);
  expect(file.rowGroups.length).toBe(Math.ceil(rows.length / rowGroupRows));
  expect(await readWithHyparquet(file.bytes, COLUMNS)).toEqual(expected(rows));
  expect(await readWithDuckDB(file.bytes, COLUMNS)).toEqual(expected(rows));
}

describe('what goes in comes out, in two independent readers', () => {
  test('random rows of every type', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        expectRoundTrip,
      ),
      { numRuns: 40 },
    );
  });

  test('many equal and many different rows, over several pages and row groups', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => ({
      time: index % 3 === 0 ? null : index * 1_000_000,
      label: `label ${index % 7 === 0 ? index : index % 5}`,
      uid: `uid ${index}`,
      port: index % 1000,
      bytes: index % 2 === 0 ? null : index * 1e9,
      mfa: index < 30_000 ? null : index % 2 === 0,
      targets: index % 4 === 0 ? null : Array.from({ length: index % 4 }, (__, item) => `t${item}`),
      request: index % 10 === 0 ? '{"a":1}' : null,
      raw: `${index} `.repeat(8),
    }));
    await expectRoundTrip(rows, 45_000);
  });
});

test('no rows make no file', () => {
  expect(new RowBuffer(COLUMNS).finish()).toBeNull();
});
