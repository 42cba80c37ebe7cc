import { describe, expect, test } from 'vitest';
import { TABLES } from '../../../schema/columns.ts';
import { appendFiles } from '../../../tables/iceberg/append.ts';
import type { IcebergDataFile } from '../../../tables/iceberg/data-file.ts';
import { fieldIdsOf } from '../../../tables/iceberg/field-ids.ts';
import { factsOfEncoded } from '../../../tables/iceberg/file-facts.ts';
import { decodeManifestList, type ManifestFile } from '../../../tables/iceberg/manifest-list.ts';
import { newTable, type TableJson, withCurrentSchema } from '../../../tables/iceberg/table-json.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { SORT_ORDERS } from '../../../tables/sort-orders.ts';
import { fieldsOf, readAvro } from './avro-reader.ts';

const DAY = 86_400_000_000;
const IDS = fieldIdsOf('events');
const LOCATION = 'file:///warehouse/events';

function fileOf(name: string, rows: readonly Readonly<Record<string, unknown>>[]): IcebergDataFile {
  const buffer = new RowBuffer(TABLES.events);
  for (const row of rows) buffer.add(row, null);
  const file = buffer.finish({ sortBy: SORT_ORDERS.events })!;
  return { ...factsOfEncoded(file, SORT_ORDERS.events), path: `${LOCATION}/data/${name}.parquet` };
}

/** A table whose files stay in memory. */
class MemoryTable {
  readonly files = new Map<string, Uint8Array>();
  json: TableJson = newTable({ table: 'events', uuid: 'a-table', location: LOCATION, now: 1_000 });
  manifests: readonly ManifestFile[] = [];

  async append(now: number, ...batches: readonly (readonly IcebergDataFile[])[]): Promise<void> {
    this.json = await appendFiles({
      table: 'events',
      json: this.json,
      manifests: this.manifests,
      added: batches,
      now,
      summary: { 'akashi.head': `head-${now}` },
      put: async (name, bytes) => {
        this.files.set(`${LOCATION}/metadata/${name}`, bytes);
        return `${LOCATION}/metadata/${name}`;
      },
    });
    this.manifests = decodeManifestList(this.list);
  }

  get list(): Uint8Array {
    return this.files.get(this.json.snapshots.at(-1)!['manifest-list'])!;
  }
}

const EVENT = { time: 19_675 * DAY + 1, uid: 'b', src_port: 443, mfa: false, targets: ['x', 'y'], raw: '{}' };
const first = fileOf('first', [
  EVENT,
  { ...EVENT, time: 19_675 * DAY + 2, uid: 'a', src_port: -1, mfa: true },
]);
const next = fileOf('next', [{ ...EVENT, time: 19_676 * DAY }]);
const undated = fileOf('undated', [{ ...EVENT, time: null }]);
const spread = fileOf('spread', [EVENT, { ...EVENT, time: null }]);

const pairs = (value: unknown) =>
  Object.fromEntries((value as { key: number; value: unknown }[]).map(({ key, value }) => [key, value]));
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const int64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
};

describe('a manifest', () => {
  const read = async () => {
    const table = new MemoryTable();
    await table.append(2_000, [first, undated]);
    return { table, ...(await readAvro(table.files.get(table.manifests[0]!.manifest_path)!)) };
  };

  test('says in its header what it is, as the specification demands', async () => {
    const { metadata, codec, table } = await read();
    expect(codec).toBe('deflate');
    const { schema, 'partition-spec': spec, ...rest } = metadata;
    expect(rest).toEqual({
      'schema-id': '0',
      'partition-spec-id': '0',
      'format-version': '2',
      content: 'data',
    });
    expect(JSON.parse(schema!)).toEqual(table.json.schemas[0]);
    expect(JSON.parse(spec!)).toEqual([
      { 'source-id': IDS['time'], 'field-id': 1000, name: 'time_day', transform: 'day' },
    ]);
  });

  test('carries the field ids of the specification in its schema', async () => {
    const { schema } = await read();
    expect(fieldsOf(schema)).toEqual([
      '0 status',
      '1 snapshot_id?',
      '3 sequence_number?',
      '4 file_sequence_number?',
      '2 data_file',
      '134 data_file.content',
      '100 data_file.file_path',
      '101 data_file.file_format',
      '102 data_file.partition',
      '1000 data_file.partition.time_day?',
      '103 data_file.record_count',
      '104 data_file.file_size_in_bytes',
      ...['108 117 118 column_sizes', '109 119 120 value_counts', '110 121 122 null_value_counts'].flatMap(
        map,
      ),
      ...['137 138 139 nan_value_counts', '125 126 127 lower_bounds', '128 129 130 upper_bounds'].flatMap(
        map,
      ),
      '131 data_file.key_metadata?',
      '132 data_file.split_offsets?',
      '133 data_file.split_offsets[]',
      '135 data_file.equality_ids?',
      '136 data_file.equality_ids[]',
      '140 data_file.sort_order_id?',
    ]);
  });

  const map = (ids: string) => {
    const [id, key, value, name] = ids.split(' ');
    const path = `data_file.${name}`;
    return [`${id} ${path}?`, `${key} ${path}[].key`, `${value} ${path}[].value`];
  };

  test('tells each file with counts and bounds of every column', async () => {
    const { records, table } = await read();
    const snapshot = table.json.snapshots[0]!['snapshot-id'];
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({ status: 1, snapshot_id: snapshot, sequence_number: null });
    const file = records[0]!['data_file'] as Record<string, unknown>;
    expect(file).toMatchObject({
      content: 0,
      file_path: `${LOCATION}/data/first.parquet`,
      file_format: 'PARQUET',
      partition: { time_day: 19_675 },
      record_count: 2,
      file_size_in_bytes: first.bytes,
      split_offsets: [4],
      sort_order_id: 1,
    });
    const [lower, upper] = [pairs(file['lower_bounds']), pairs(file['upper_bounds'])];
    const bounds = (name: string) => [lower[IDS[name]!], upper[IDS[name]!]];
    expect(bounds('time')).toEqual([int64(19_675 * DAY + 1), int64(19_675 * DAY + 2)]);
    expect(bounds('uid')).toEqual([Buffer.from('a'), Buffer.from('b')]);
    expect(bounds('src_port')).toEqual([int32(-1), int32(443)]);
    expect(bounds('mfa')).toEqual([Buffer.of(0), Buffer.of(1)]);
    expect(bounds('action')).toEqual([undefined, undefined]);
    // Nobody asks for a range of whole documents, and lists have none.
    expect(bounds('raw')).toEqual([undefined, undefined]);
    expect(bounds('targets.element')).toEqual([undefined, undefined]);
    const [values, nulls] = [pairs(file['value_counts']), pairs(file['null_value_counts'])];
    expect([values[IDS['uid']!], nulls[IDS['uid']!]]).toEqual([2, 0]);
    expect([values[IDS['action']!], nulls[IDS['action']!]]).toEqual([2, 2]);
    const single = TABLES.events.filter(({ type }) => type !== 'strings');
    expect(Object.keys(values)).toHaveLength(single.length);
    expect(Object.keys(pairs(file['column_sizes']))).toHaveLength(TABLES.events.length);
    expect((records[1]!['data_file'] as Record<string, unknown>)['partition']).toEqual({ time_day: null });
  });
});

describe('a manifest list', () => {
  test('says of each manifest what lets an engine leave it unread', async () => {
    const table = new MemoryTable();
    await table.append(2_000, [first, next], [undated]);
    const { records, metadata, schema } = await readAvro(table.list);
    const snapshot = table.json.snapshots[0]!['snapshot-id'];
    expect(metadata).toEqual({
      'snapshot-id': String(snapshot),
      'parent-snapshot-id': 'null',
      'sequence-number': '1',
      'format-version': '2',
    });
    expect(fieldsOf(schema).map((field) => Number.parseInt(field, 10))).toEqual([
      500, 501, 502, 517, 515, 516, 503, 504, 505, 506, 512, 513, 514, 507, 508, 509, 518, 510, 511, 519,
    ]);
    const days = (lower: Buffer | null, upper: Buffer | null, contains_null: boolean) => [
      { contains_null, contains_nan: null, lower_bound: lower, upper_bound: upper },
    ];
    expect(records).toMatchObject([
      {
        manifest_length: table.files.get(records[0]!['manifest_path'] as string)!.length,
        partition_spec_id: 0,
        content: 0,
        sequence_number: 1,
        min_sequence_number: 1,
        added_snapshot_id: snapshot,
        added_files_count: 2,
        added_rows_count: 3,
        partitions: days(int32(19_675), int32(19_676), false),
      },
      { added_files_count: 1, added_rows_count: 1, partitions: days(null, null, true) },
    ]);
  });

  test('keeps files that no one day holds under the spec without days', async () => {
    const table = new MemoryTable();
    await table.append(2_000, [first, spread]);
    expect(table.json['partition-specs'].map(({ fields }) => fields.length)).toEqual([1, 0]);
    const { records } = await readAvro(table.list);
    expect(records).toMatchObject([
      { partition_spec_id: 0, added_files_count: 1 },
      { partition_spec_id: 1, added_files_count: 1, partitions: [] },
    ]);
    const { metadata } = await readAvro(table.files.get(records[1]!['manifest_path'] as string)!);
    expect(metadata).toMatchObject({ 'partition-spec': '[]', 'partition-spec-id': '1' });
  });
});

describe('a table', () => {
  test('grows by snapshots: manifests stay, numbers rise, totals add up', async () => {
    const table = new MemoryTable();
    await table.append(2_000, [first]);
    const before = table.manifests;
    await table.append(1_500, [next, undated]);
    expect(table.manifests.slice(0, 1)).toEqual(before);
    const [one, two] = table.json.snapshots;
    expect(two).toMatchObject({ 'parent-snapshot-id': one!['snapshot-id'], 'sequence-number': 2 });
    expect(two!['timestamp-ms']).toBe(2_000);
    expect(two!.summary).toMatchObject({
      operation: 'append',
      'added-data-files': '2',
      'added-records': '2',
      'total-data-files': '3',
      'total-records': '4',
      'total-files-size': String(first.bytes + next.bytes + undated.bytes),
      'akashi.head': 'head-1500',
    });
    expect(table.json).toMatchObject({
      'format-version': 2,
      location: LOCATION,
      'last-sequence-number': 2,
      'current-snapshot-id': two!['snapshot-id'],
      refs: { main: { 'snapshot-id': two!['snapshot-id'], type: 'branch' } },
    });
    for (const id of [one!, two!].map((snapshot) => snapshot['snapshot-id']))
      expect(Number.isSafeInteger(id) && id > 0).toBe(true);
  });

  test('is made the same when a commit is made again', async () => {
    const [a, b] = [new MemoryTable(), new MemoryTable()];
    for (const table of [a, b]) await table.append(2_000, [first, next]);
    expect(b.json).toEqual(a.json);
    expect([...b.files]).toEqual([...a.files]);
  });

  test('holds names for data files without ids, and the order of its rows', () => {
    const { properties, 'sort-orders': orders } = new MemoryTable().json;
    const mapping = JSON.parse(properties['schema.name-mapping.default']!) as object[];
    expect(mapping).toContainEqual({ 'field-id': IDS['uid'], names: ['uid'] });
    expect(mapping).toContainEqual({
      'field-id': IDS['targets'],
      names: ['targets'],
      fields: [{ 'field-id': IDS['targets.element'], names: ['element'] }],
    });
    expect(orders[1]!.fields.map((field) => field['source-id'])).toEqual(
      SORT_ORDERS.events.map((name) => IDS[name]),
    );
  });

  test('a table of a former order takes the new one beside it', () => {
    const { json } = new MemoryTable();
    const former = { 'order-id': 1, fields: json['sort-orders'][1]!.fields.slice(2) };
    const before = { ...json, 'sort-orders': [json['sort-orders'][0]!, former] };
    const after = withCurrentSchema(before, 'events');
    expect(after['default-sort-order-id']).toBe(2);
    expect(after['sort-orders']).toEqual([
      ...before['sort-orders'],
      { ...json['sort-orders'][1], 'order-id': 2 },
    ]);
    expect(withCurrentSchema(after, 'events')).toBe(after);
  });

  test('a column added to the catalogue makes a new schema; old ones stay for old snapshots', () => {
    const { json } = new MemoryTable();
    const [schema] = json.schemas;
    const without = { ...schema!, fields: schema!.fields.filter(({ name }) => name !== 'identity') };
    const grown = withCurrentSchema({ ...json, schemas: [without] }, 'events');
    expect(grown['current-schema-id']).toBe(1);
    expect(grown.schemas).toEqual([without, { ...schema, 'schema-id': 1 }]);
    expect(withCurrentSchema(grown, 'events')).toBe(grown);
    expect(withCurrentSchema({ ...grown, 'current-schema-id': 0 }, 'events')).toEqual(grown);
  });
});
