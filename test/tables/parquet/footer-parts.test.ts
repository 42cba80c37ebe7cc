import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import { chunkIn, readFooterParts } from '../../../tables/parquet/footer-parts.ts';
import { MAGIC } from '../../../tables/parquet/format.ts';
import { joinedFooter, schemaColumns } from '../../../tables/parquet/joined-footer.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { readFooter } from '../../../tables/parquet/stored-footer.ts';
import { COLUMNS } from './columns.ts';

const buffer = new RowBuffer(COLUMNS, { rowGroupRows: 10, bloomColumns: ['label'] });
for (let n = 0; n < 35; n++)
  buffer.add(
    { time: n, label: `label-${n % 7}`, port: n % 3 === 0 ? null : n, targets: [`a${n}`, 'b'] },
    null,
  );
const file = buffer.finish()!;
const bytes = file.bytes.subarray(file.footer.offset);
const parts = readFooterParts(bytes);

test('every chunk is told of as in the footer decoded whole', () => {
  const whole = readFooter(bytes);
  expect(parts.rows).toBe(whole.rows);
  expect(
    parts.groups.map(({ rows, starts }) => ({
      rows,
      chunks: [...starts].map((start) => chunkIn(parts, start).chunk),
    })),
  ).toEqual(whole.groups);
});

test('some columns of some row groups under a footer of their own are a file of just those', async () => {
  const { root, columns } = schemaColumns(parts.schema);
  expect(columns.map(({ name }) => name)).toEqual(COLUMNS.map(({ name }) => name));
  const kept = ['label', 'targets'].map((name) => columns.findIndex((column) => column.name === name)).sort();
  const pieces: Uint8Array[] = [MAGIC];
  let length = MAGIC.length;
  const groups = [1, 3].map((group) => ({
    rows: parts.groups[group]!.rows,
    chunks: kept.map((at) => {
      const { metadata, chunk } = chunkIn(parts, parts.groups[group]!.starts[at]!);
      pieces.push(file.bytes.subarray(chunk.offset, chunk.offset + chunk.length));
      const to = length;
      length += chunk.length;
      return { metadata, from: chunk.offset, to };
    }),
  }));
  pieces.push(
    joinedFooter(
      root,
      kept.map((at) => columns[at]!),
      groups,
    ),
  );
  const rows = await parquetReadObjects({
    file: new Uint8Array(Buffer.concat(pieces)).buffer,
    compressors,
  });
  const numbers = [...Array(10).keys()].map((at) => 10 + at).concat([30, 31, 32, 33, 34]);
  expect(rows).toEqual(numbers.map((n) => ({ label: `label-${n % 7}`, targets: [`a${n}`, 'b'] })));
});

test('bytes that are no footer are refused as such', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 9), fc.nat(255), (at, byte) => {
      const altered = Buffer.from(bytes);
      altered[at] = byte;
      try {
        const read = readFooterParts(altered);
        for (const { starts } of read.groups) for (const start of starts) chunkIn(read, start);
        schemaColumns(read.schema);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 300 },
  );
  expect(() => readFooterParts(bytes.subarray(1))).toThrow(RangeError);
});
