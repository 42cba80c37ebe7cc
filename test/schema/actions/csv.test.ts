import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv, readTable } from '../../../schema/actions/csv.ts';

describe('reading comma-separated text', () => {
  test('fields may be quoted, and hold commas, line ends and doubled quotes', () => {
    expect(parseCsv('a,"b, ""c""\r\nd"\r\n\r\ne,\n')).toEqual([
      ['a', 'b, "c"\r\nd'],
      ['e', ''],
    ]);
  });

  test('a byte order mark is no part of the first field', () => {
    expect(parseCsv('\ufeffa,b')).toEqual([['a', 'b']]);
  });

  test('what is written as RFC 4180 says is read back', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(rows, (table) => {
        const text = table
          .map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        expect(parseCsv(text)).toEqual(table);
      }),
    );
  });

  test('any text ends as rows, never as an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseCsv(text))));
  });

  test('a row with a missing cell is refused, and the message says which', () => {
    expect(() => readTable('a,b\n1,2\n3', ['a', 'b'], 'x.csv')).toThrow(/x\.csv, row 3 has 1 fields/);
  });

  test('another header is refused', () => {
    expect(() => readTable('b,a\n', ['a', 'b'], 'x.csv')).toThrow(/first line must be "a,b"/);
  });
});
