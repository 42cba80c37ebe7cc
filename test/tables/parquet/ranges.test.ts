import { createHash } from 'node:crypto';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { type FileRange, type ParquetFile, RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { WRITER_VERSION } from '../../../tables/parquet/version.ts';
import { COLUMNS } from './columns.ts';

function sampleFile(): ParquetFile {
  const buffer = new RowBuffer(COLUMNS, {
    rowGroupRows: 400,
    bloomColumns: ['label'],
    fieldId: (path) => ({ time: 1, targets: 7, 'targets.element': 42 })[path],
  });
  for (let index = 0; index < 1_000; index++) {
    buffer.add(
      {
        time: index,
        label: `label ${index % 10}`,
        uid: `${index}`,
        targets: index % 3 === 0 ? null : [`t${index % 5}`, 't'],
        raw: `raw ${index}`,
      },
      null,
    );
  }
  return buffer.finish({ sortBy: ['time'], keyValue: { 'akashi.batch': 'b', 'akashi.mapping': 'm/1' } })!;
}

const file = sampleFile();
const metadata = parquetMetadata(new Uint8Array(file.bytes).buffer);

test('every byte after the leading magic lies in one hashed range, and the hash is right', () => {
  const chunks = file.rowGroups.flatMap((group) => group.chunks);
  const ranges: FileRange[] = [...chunks, ...chunks.flatMap(({ bloom }) => bloom ?? []), file.footer];
  let end = 4;
  for (const { offset, length, sha256 } of ranges) {
    expect(offset).toBe(end);
    end = offset + length;
    expect(sha256).toBe(createHash('sha256').update(file.bytes.subarray(offset, end)).digest('hex'));
  }
  expect(end).toBe(file.bytes.length);
  expect(Buffer.from(file.bytes.subarray(0, 4)).toString()).toBe('PAR1');
});

test('the footer names the same ranges', () => {
  expect(metadata.row_groups.length).toBe(3);
  for (const [index, group] of metadata.row_groups.entries()) {
    expect(Number(group.num_rows)).toBe(file.rowGroups[index]!.rows);
    for (const [position, { meta_data: chunk }] of group.columns.entries()) {
      const { offset, length, values, bloom } = file.rowGroups[index]!.chunks[position]!;
      expect(Number(chunk!.dictionary_page_offset ?? chunk!.data_page_offset)).toBe(offset);
      expect(Number(chunk!.total_compressed_size)).toBe(length);
      expect(Number(chunk!.num_values)).toBe(values);
      expect(chunk!.bloom_filter_length).toBe(bloom?.length);
    }
    expect(group.sorting_columns).toEqual([{ column_idx: 0, descending: false, nulls_first: false }]);
  }
});

test('metadata says who wrote it, what for, and which Iceberg fields it holds', () => {
  expect(metadata.created_by).toBe(`akashi version ${WRITER_VERSION}`);
  expect(WRITER_VERSION).toContain(process.versions['zstd']);
  expect(metadata.key_value_metadata).toEqual([
    { key: 'akashi.batch', value: 'b' },
    { key: 'akashi.mapping', value: 'm/1' },
  ]);
  const ids = metadata.schema.filter(({ field_id }) => field_id !== undefined);
  expect(ids.map(({ name, field_id }) => [name, field_id])).toEqual([
    ['time', 1],
    ['targets', 7],
    ['element', 42],
  ]);
});

test('times are UTC microseconds, text is text, lists have three levels', () => {
  const element = (name: string) => metadata.schema.find((one) => one.name === name)!;
  expect(element('time').logical_type).toEqual({ type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' });
  expect(element('request').logical_type).toEqual({ type: 'STRING' });
  expect(element('targets').logical_type).toEqual({ type: 'LIST' });
  const at = metadata.schema.findIndex(({ name }) => name === 'targets');
  expect(
    metadata.schema.slice(at, at + 3).map(({ name, repetition_type }) => [name, repetition_type]),
  ).toEqual([
    ['targets', 'OPTIONAL'],
    ['list', 'REPEATED'],
    ['element', 'OPTIONAL'],
  ]);
});
