import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowBuffer, type RowBufferOptions } from '../../../tables/parquet/row-buffer.ts';
import { anyRow, asRead, COLUMNS } from './columns.ts';
import { type PlainRow, readWithDuckDB, readWithHyparquet } from './readers.ts';

async function expectRoundTrip(rows: readonly PlainRow[], options: RowBufferOptions = {}): Promise<void> {
  const buffer = new RowBuffer(COLUMNS, options);
  for (const row of rows) buffer.add(row, null);
  const file = buffer.finish()!;
  expect(file.rows).toBe(rows.length);
  const expected = asRead(rows);
  expect(await readWithHyparquet(file.bytes, COLUMNS)).toEqual(expected);
  expect(await readWithDuckDB(file.bytes, COLUMNS)).toEqual(expected);
}

describe('what goes in comes out, in two independent readers', () => {
  test('random rows of every type', async () => {
    const rows = fc.array(anyRow, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 70 }), (some, rowGroupRows) =>
        expectRoundTrip(some, { rowGroupRows, bloomColumns: ['label', 'targets'] }),
      ),
      { numRuns: 40 },
    );
  });

  test('runs and stretches of changing values, over several pages and row groups', async () => {
    const rows = Array.from({ length: 21_000 }, (_, index) => ({
      time: index % 3 === 0 ? null : index * 1_000_000,
      label: index < 8_000 ? `label ${index % 300}` : index < 20_100 ? 'same' : null,
      uid: `uid ${index}`,
      port: index % 1000,
      bytes: index % 2 === 0 ? null : index * 1e9,
      mfa: index < 15_000 ? null : index % 2 === 0,
      targets: index % 4 === 0 ? null : Array.from({ length: index % 4 }, (__, item) => `t${item}`),
      request: index % 10 === 0 ? '{"a":1}' : null,
      raw: index % 500 === 0 ? `${index} `.repeat(10_000) : 'short',
    }));
    await expectRoundTrip(rows, { rowGroupRows: 20_500 });
  });

  test('a list longer than a page', async () => {
    const targets = Array.from({ length: 45_000 }, (_, index) => `arn:aws:s3:::bucket-${index % 50}`);
    await expectRoundTrip([{ targets: ['one'] }, { targets }, { targets: [] }, { targets: null }]);
  });

  test.each([8_191, 8_192, 20_000])('%i different values of a column with a dictionary', async (count) => {
    await expectRoundTrip(Array.from({ length: 20_000 }, (_, index) => ({ label: `v${index % count}` })));
  });

  test('a few texts that are too large for a dictionary', async () => {
    await expectRoundTrip(
      Array.from({ length: 40 }, (_, index) => ({ label: `${index % 8}`.repeat(200_000) })),
    );
  });
});

test('documents of all sizes, as text and as bytes, around the size of a block', async () => {
  const sizes = [0, 5, 300, 2 ** 20 - 5, 40, 2 ** 20, 2 ** 20 - 12, 3, 3 * 2 ** 20, 7, 1];
  const raws = sizes.map((size, row) => (row === 4 ? null : 'Zürich '.repeat(size / 8 + 1).slice(0, size)));
  const buffer = new RowBuffer(COLUMNS);
  const before = buffer.bytes;
  for (let round = 0; round < 2; round++) {
    for (const [row, raw] of raws.entries())
      buffer.add({ raw }, raw !== null && row % 2 === 0 ? Buffer.from(raw) : null);
    const held = raws.reduce((sum, raw) => sum + (raw === null ? 0 : 4 + Buffer.byteLength(raw)), 0);
    expect(buffer.bytes - before).toBeGreaterThanOrEqual(held);
    const file = buffer.finish()!;
    expect((await readWithHyparquet(file.bytes, COLUMNS)).map(({ raw }) => raw)).toEqual(raws);
  }
});

test('no rows make no file', () => {
  expect(new RowBuffer(COLUMNS).finish()).toBeNull();
});

test('the bytes given for raw are stored instead of row.raw', async () => {
  const buffer = new RowBuffer(COLUMNS);
  buffer.add({ raw: 'not this' }, Buffer.from('{"é":1}'));
  buffer.add({ raw: 'but this' }, null);
  const { bytes } = buffer.finish()!;
  const raws = (await readWithDuckDB(bytes, COLUMNS)).map((row) => row['raw']);
  expect(raws).toEqual(['{"é":1}', 'but this']);
});

test('properties in another order, missing or unknown make no difference', async () => {
  const buffer = new RowBuffer(COLUMNS);
  buffer.add({ uid: 'u', time: 5, unknown: 'x' }, null);
  buffer.add({ time: 6, label: 'l', port: 1, uid: 'v' }, null);
  const rows = await readWithHyparquet(buffer.finish()!.bytes, COLUMNS);
  expect(rows).toEqual(
    asRead([
      { time: 5, uid: 'u' },
      { time: 6, label: 'l', uid: 'v', port: 1 },
    ]),
  );
});

describe('a value of the wrong type spoils nothing', () => {
  const refusing = Object.create(null) as object; // String() throws on it

  test.each([
    ['label', 12, '12'],
    ['label', true, 'true'],
    ['label', { a: 1 }, '[object Object]'],
    ['label', Symbol('s'), 'Symbol(s)'],
    ['label', refusing, ''],
    ['time', '2024-01-01', null],
    ['time', 1.5, null],
    ['time', Number.NaN, null],
    ['time', 2 ** 53, null],
    ['time', 7n, 7],
    ['port', 2 ** 31, null],
    ['port', Number.POSITIVE_INFINITY, null],
    ['bytes', -0, 0],
    ['bytes', 2n ** 60n, null],
    ['mfa', 'true', null],
    ['mfa', 1, null],
    ['targets', 'one', ['one']],
    ['targets', ['a', null, undefined, 3], ['a', '3']],
  ])('%s: %o is stored as %o', async (name, value, stored) => {
    const buffer = new RowBuffer(COLUMNS);
    buffer.add({ [name]: value }, null);
    const { bytes } = buffer.finish()!;
    expect(await readWithHyparquet(bytes, COLUMNS)).toEqual(asRead([{ [name]: stored }]));
    expect(await readWithDuckDB(bytes, COLUMNS)).toEqual(asRead([{ [name]: stored }]));
  });

  test('any value in any column', async () => {
    const anything = fc.record(
      Object.fromEntries(
        COLUMNS.map(({ name }) => [name, fc.anything({ withBigInt: true, withDate: true })]),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 8 }), async (rows) => {
        const buffer = new RowBuffer(COLUMNS);
        for (const row of rows) buffer.add(row, null);
        const { bytes } = buffer.finish()!;
        expect(await readWithHyparquet(bytes, COLUMNS)).toEqual(await readWithDuckDB(bytes, COLUMNS));
      }),
      { numRuns: 30 },
    );
  });
});
