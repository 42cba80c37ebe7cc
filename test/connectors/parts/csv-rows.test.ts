import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRow, csvRows } from '../../../connectors/parts/csv-rows.ts';

function read(body: Uint8Array, chunkBytes = body.length): { rows: CsvRow[]; broken: string[] } {
  const rows: CsvRow[] = [];
  const broken: string[] = [];
  const splitter = csvRows(
    { record: () => {}, broken: ({ code }) => broken.push(code), skipped: () => {} },
    (row) => rows.push(row),
  );
  for (let at = 0; at < body.length; at += Math.max(1, chunkBytes))
    splitter.push(Buffer.from(body.subarray(at, at + Math.max(1, chunkBytes))));
  splitter.end();
  return { rows, broken };
}

const written = (field: string) => `"${field.replaceAll('"', '""')}"`;

test('fields come back as they were written, in chunks of any size', () => {
  const field = fc.oneof(fc.string(), fc.constantFrom('a,b', 'two\nlines', 'say "x"', '', '\r\n'));
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(
      table,
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 50 }),
      (lines, end, chunk) => {
        const body = Buffer.from(lines.map((fields) => fields.map(written).join(',') + end).join(''));
        const { rows, broken } = read(body, chunk);
        expect(broken).toEqual([]);
        expect(rows.map(({ fields }) => fields)).toEqual(
          lines.map((fields) => fields.map((text) => text.toWellFormed())),
        );
        for (const { locator, text } of rows) {
          const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(locator)!;
          expect(body.subarray(Number(from), Number(to)).toString()).toBe(text);
        }
      },
    ),
  );
});

test('a body that ends inside quotes says so, and any bytes are rows', () => {
  expect(read(Buffer.from('a,b\n1,"2')).broken).toEqual(['truncated']);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(bytes, 7)));
});
