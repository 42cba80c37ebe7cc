import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import { bloomMayHold } from '../../../tables/parquet/bloom-filter.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { cutFooter, footerLength, readFooter } from '../../../tables/parquet/stored-footer.ts';
import { decodeThrift, encodeThrift } from '../../../tables/parquet/thrift-tree.ts';
import { COLUMNS } from './columns.ts';

const buffer = new RowBuffer(COLUMNS, { rowGroupRows: 10, bloomColumns: ['label'] });
for (let n = 0; n < 35; n++) {
  buffer.add(
    { time: n, label: `label-${n}`, port: n % 3 === 0 ? null : n, mfa: n > 20, targets: ['a', 'b'] },
    null,
  );
}
const file = buffer.finish()!;
const footer = readFooter(file.bytes.subarray(file.footer.offset));

test('a footer says of its row groups what the encoder said', () => {
  expect(footerLength(file.bytes.subarray(-8))).toBe(file.footer.length);
  expect(footer.rows).toBe(35);
  expect(footer.groups.map(({ rows }) => rows)).toEqual([10, 10, 10, 5]);
  for (const [at, { chunks }] of footer.groups.entries()) {
    for (const [index, chunk] of chunks.entries()) {
      const { column, offset, length, values, nulls, bloom } = file.rowGroups[at]!.chunks[index]!;
      expect(chunk).toMatchObject({ column, offset, length, values, nulls });
      expect(chunk.bloom).toEqual(
        bloom === undefined ? null : { offset: bloom.offset, length: bloom.length },
      );
    }
  }
  const bounds = (column: string) =>
    footer.groups.map(({ chunks }) => chunks.find((one) => one.column === column)!);
  expect(bounds('time').map(({ min, max }) => [min, max])).toEqual([
    [0, 9],
    [10, 19],
    [20, 29],
    [30, 34],
  ]);
  expect(bounds('mfa').map(({ min, max }) => [min, max])[2]).toEqual([false, true]);
  expect(String(bounds('label')[1]!.min)).toBe('label-10');
  expect(bounds('targets')[0]).toMatchObject({ flat: false, min: null });
});

test('a bloom filter knows its own values and few others', () => {
  const { bloom } = footer.groups[0]!.chunks.find(({ column }) => column === 'label')!;
  const filter = file.bytes.subarray(bloom!.offset, bloom!.offset + bloom!.length);
  for (let n = 0; n < 10; n++) expect(bloomMayHold(filter, `label-${n}`)).toBe(true);
  const others = Array.from({ length: 1_000 }, (_, n) => bloomMayHold(filter, `other-${n}`)).filter(Boolean);
  expect(others.length).toBeLessThan(60);
  expect(bloomMayHold(new Uint8Array(5), 'x')).toBe(true);
});

test('a cut footer lists only its row groups, and readers find just those', async () => {
  const cut = Buffer.concat([file.bytes.subarray(0, file.footer.offset), cutFooter(footer, [1, 3])]);
  const again = readFooter(cut.subarray(file.footer.offset));
  expect(again.groups.map(({ rows }) => rows)).toEqual([10, 5]);
  expect(again.groups.flatMap(({ chunks }) => chunks).every(({ bloom }) => bloom === null)).toBe(true);
  const bytes = new Uint8Array(cut).buffer;
  const rows = await parquetReadObjects({ file: bytes, compressors, columns: ['label', 'targets'] });
  expect(rows.map(({ label }) => label)).toEqual(
    [...Array(35).keys()].filter((n) => (n >= 10 && n < 20) || n >= 30).map((n) => `label-${n}`),
  );
});

test('a footer keeps every byte it is not asked to change, and noise is refused', () => {
  const metadata = file.bytes.subarray(file.footer.offset, file.bytes.length - 8);
  expect(Buffer.compare(encodeThrift(decodeThrift(metadata).value), metadata)).toBe(0);
  const refused = (bytes: Uint8Array) => {
    try {
      decodeThrift(bytes);
      return true;
    } catch (error) {
      return error instanceof RangeError;
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => refused(bytes)));
  fc.assert(
    fc.property(fc.nat(metadata.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(metadata);
      changed[at] = byte;
      return refused(changed);
    }),
  );
  expect(() => readFooter(new Uint8Array(100))).toThrow(RangeError);
});
