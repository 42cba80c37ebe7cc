import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasUnnamedFields, toCell } from '../../../engine/sandbox/cell.ts';
import { isoDate, isoInstant } from '../../../engine/sandbox/iso-time.ts';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run("SET TimeZone = 'UTC'");

/** What JSON makes of the cells of one row. */
async function cells(list: string): Promise<unknown> {
  const result = await connection.stream(`SELECT ${list}`);
  const chunk = await result.fetchChunk();
  const types = result.columnTypes();
  return JSON.parse(
    JSON.stringify(chunk!.getRowValues(0).map((value, index) => toCell(value, types[index]!))),
  );
}

test.each([
  ['1::TINYINT, 200::UTINYINT, -3::INTEGER, 1.5::FLOAT', [1, 200, -3, 1.5]],
  [
    '9007199254740991, 9007199254740993, -9007199254740993',
    [9007199254740991, '9007199254740993', '-9007199254740993'],
  ],
  ['18446744073709551615::UBIGINT, 5::HUGEINT', ['18446744073709551615', 5]],
  ['-170141183460469231731687303715884105727::HUGEINT', ['-170141183460469231731687303715884105727']],
  ['1.10::DECIMAL(4, 2), -0.001::DECIMAL(38, 3)', ['1.10', '-0.001']],
  ["'NaN'::DOUBLE, 'Infinity'::DOUBLE, '-Infinity'::FLOAT", ['NaN', 'Infinity', '-Infinity']],
  ["true, NULL, '', 'x'", [true, null, '', 'x']],
  ["'\\x00\\xFFa'::BLOB, '0101'::BIT", ['00ff61', '0101']],
  [
    "TIMESTAMPTZ '2026-01-31 10:00:00.000001+09', TIMESTAMP '2026-01-31 10:00:00'",
    ['2026-01-31T01:00:00.000001Z', '2026-01-31T10:00:00.000000'],
  ],
  [
    "'2026-01-31 10:00:00.123456789'::TIMESTAMP_NS, '2026-01-31 10:00:00'::TIMESTAMP_S, '2026-01-31 10:00:00.5'::TIMESTAMP_MS",
    ['2026-01-31T10:00:00.123456789', '2026-01-31T10:00:00', '2026-01-31T10:00:00.500'],
  ],
  [
    "'infinity'::TIMESTAMPTZ, '-infinity'::TIMESTAMP, 'infinity'::DATE",
    ['infinity', '-infinity', 'infinity'],
  ],
  [
    "DATE '0044-03-15 (BC)', DATE '9999-12-31', DATE '12000-02-29'",
    ['-000043-03-15', '9999-12-31', '+012000-02-29'],
  ],
  ["TIME '10:00:00.5', INTERVAL '1 month 2 days'", ['10:00:00.5', '1 month 2 days']],
  ["[1, NULL, 9007199254740993], [['a']]", [[1, null, '9007199254740993'], [['a']]]],
  ["{'a': 1, 'b': {'c': DATE '2026-01-31'}}", [{ a: 1, b: { c: '2026-01-31' } }]],
  [
    "MAP {'k': 1, 'l': NULL}",
    [
      [
        { key: 'k', value: 1 },
        { key: 'l', value: null },
      ],
    ],
  ],
  ['[1, 2]::INTEGER[2]', [[1, 2]]],
  ["union_value(num := 2), 'a'::ENUM('a', 'b')", [{ tag: 'num', value: 2 }, 'a']],
  ["'00000000-0000-0000-0000-000000000001'::UUID", ['00000000-0000-0000-0000-000000000001']],
  ["'{\"a\": 1}'::JSON, 'x'::VARIANT", ['{"a": 1}', 'x']],
])('SELECT %s', async (list, expected) => {
  expect(await cells(list)).toEqual(expected);
});

test('dates and instants agree with DuckDB over its whole range', async () => {
  const dayOfText = async (days: number) =>
    String(
      (await connection.runAndReadAll(`SELECT (DATE '1970-01-01' + ${days})::VARCHAR`)).getRows()[0]![0],
    );
  const samples = fc.sample(fc.integer({ min: -719_162, max: 2_932_896 }), { numRuns: 100, seed: 7 });
  for (const days of [0, -1, -719_162, 2_932_896, 11_016, 47_540, ...samples]) {
    expect(isoDate(days)).toBe(await dayOfText(days));
  }
});

test('instants agree with JavaScript where it can tell them', () => {
  fc.assert(
    fc.property(fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }), (millis) => {
      expect(isoInstant(BigInt(millis), 3, 'Z')).toBe(new Date(millis).toISOString());
    }),
  );
});

test('rows without field names are noticed', async () => {
  const types = async (list: string) =>
    (await connection.stream(`SELECT ${list}`)).columnTypes().map(hasUnnamedFields);
  expect(await types("(1, 2), [(1, 2)], {'a': (1, 2)}, {'a': 1}, 'STRUCT(\"\" INTEGER)'")).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
