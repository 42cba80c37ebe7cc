import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { anyRow, anyText, COLUMNS } from './columns.ts';
import { openInDuckDB, type PlainRow } from './readers.ts';

function fileOf(rows: readonly PlainRow[], rowGroupRows = 1_000) {
  const buffer = new RowBuffer(COLUMNS, { rowGroupRows });
  for (const row of rows) buffer.add(row, null);
  return buffer.finish({ sortBy: ['time'] })!;
}

const utf8 = (text: unknown) => Buffer.from(text as string);

test('counts, bounds and distinct values of each chunk, as DuckDB reads them', async () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({
    time: index < 30 ? index : null,
    label: index % 2 === 0 ? `label ${index % 4}` : null,
    uid: `uid ${String(index).padStart(3, '0')}`,
    port: index - 20,
    mfa: index < 20 ? true : null,
    targets: index === 0 ? ['b', 'c'] : index === 1 ? [] : null,
    raw: 'r',
  }));
  const { bytes, rowGroups, columns } = fileOf(rows, 20);
  const duck = await openInDuckDB(bytes);
  const chunks = await duck.query(
    `select row_group_id, path_in_schema as path, num_values::int as n, stats_null_count::int as nulls,
       stats_min_value as min, stats_max_value as max, stats_distinct_count::int as distinct_count
     from parquet_metadata($file) order by row_group_id, column_id`,
  );
  duck.close();
  const of = (group: number, path: string) => {
    const { n, nulls, min, max } = chunks.find(
      (c) => Number(c['row_group_id']) === group && c['path'] === path,
    )!;
    return [n, nulls, min, max];
  };
  expect(of(0, 'label')).toEqual([20, 10, 'label 0', 'label 2']);
  expect(of(1, 'uid')).toEqual([20, 0, 'uid 020', 'uid 039']);
  expect(of(0, 'port')).toEqual([20, 0, '-20', '-1']);
  expect(of(0, 'mfa')).toEqual([20, 0, 'true', 'true']);
  expect(of(1, 'mfa')).toEqual([20, 20, null, null]);
  expect(of(0, 'targets, list, element')).toEqual([21, 19, 'b', 'c']);
  expect(of(1, 'time')[1]).toBe(10);
  expect(of(0, 'raw')).toEqual([20, 0, null, null]);
  expect(chunks.find(({ path }) => path === 'label')!['distinct_count']).toBe(2);

  expect(rowGroups[0]!.chunks[1]).toMatchObject({ column: 'label', nulls: 10, min: 'label 0', distinct: 2 });
  expect(columns).toMatchObject({
    time: { nulls: 10, min: 0, max: 29 },
    label: { nulls: 20, min: 'label 0', max: 'label 2' },
    port: { min: -20, max: 19 },
    mfa: { nulls: 20, min: true, max: true },
    bytes: { nulls: 40, min: null, max: null },
    raw: { nulls: 0, min: null, max: null },
  });
});

describe('bounds of text', () => {
  test('hold every value, are well-formed and short', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (texts) => {
        const { min, max } = fileOf(texts.map((label) => ({ label }))).columns['label']!;
        for (const text of texts) {
          expect(Buffer.compare(utf8(min), utf8(text))).toBeLessThanOrEqual(0);
          if (max !== null) expect(Buffer.compare(utf8(max), utf8(text))).toBeGreaterThanOrEqual(0);
        }
        for (const bound of [min, max ?? '']) {
          expect((bound as string).isWellFormed()).toBe(true);
          expect(utf8(bound).length).toBeLessThanOrEqual(65);
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['a'.repeat(65), 'a'.repeat(64), `${'a'.repeat(63)}b`],
    // Cut inside a code point of three bytes.
    [`${'a'.repeat(62)}あああ`, 'a'.repeat(62), `${'a'.repeat(61)}b`],
    ['\ud7ff'.repeat(30), '\ud7ff'.repeat(21), `${'\ud7ff'.repeat(20)}\ue000`],
    [`a${'\u{10ffff}'.repeat(30)}`, `a${'\u{10ffff}'.repeat(15)}`, 'b'],
    ['\u{10ffff}'.repeat(30), '\u{10ffff}'.repeat(16), null],
  ])('of a long one are cut and rounded: %#', (label, min, max) => {
    expect(fileOf([{ label }]).columns['label']).toEqual({ nulls: 0, min, max });
  });

  test('of a long one are not taken for the value itself', async () => {
    const label = 'x'.repeat(100);
    const duck = await openInDuckDB(fileOf([{ label }, { label }]).bytes);
    expect(
      await duck.query('select min(label) as a, max(label) as b, count(label)::int as n from t'),
    ).toEqual([{ a: label, b: label, n: 2 }]);
    duck.close();
  });
});

test('a filter gives the same rows whether or not DuckDB prunes by statistics and dictionaries', async () => {
  const literal = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const rowsArbitrary = fc.array(anyRow, { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, fc.integer({ min: 1, max: 10 }), async (rows, rowGroupRows) => {
      const duck = await openInDuckDB(fileOf(rows, rowGroupRows).bytes);
      const probe = rows[rows.length >> 1]!;
      const filters = [
        `time >= make_timestamptz(${probe['time'] ?? 0}::bigint)`,
        `port < ${probe['port'] ?? 0}`,
        `bytes > ${probe['bytes'] ?? 0}`,
        'mfa',
        'mfa is null',
        'label is not null',
        "label >= 'b'",
      ];
      for (const name of ['label', 'uid']) {
        const value = probe[name];
        if (typeof value === 'string' && !value.includes('\0')) {
          filters.push(`${name} = ${literal(value.toWellFormed())}`);
        }
      }
      for (const filter of filters) {
        await duck.query(`set disabled_optimizers = ''`);
        const pruned = await duck.query(`select count(*)::int as n from t where ${filter}`);
        await duck.query(`set disabled_optimizers = 'filter_pushdown,statistics_propagation'`);
        const all = await duck.query(`select count(*)::int as n from t where ${filter}`);
        expect(pruned, filter).toEqual(all);
      }
      duck.close();
    }),
    { numRuns: 15 },
  );
});
