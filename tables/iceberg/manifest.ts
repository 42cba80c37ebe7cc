/** Manifests: lists of data files with what engines need to pass over most of them. https://iceberg.apache.org/spec/#manifests */

import { AvroFile } from './avro-file.ts';
import { boundBytes, type ColumnFacts, type IcebergDataFile } from './data-file.ts';
import type { ManifestFile } from './manifest-list.ts';
import { entryType } from './manifest-schema.ts';
import type { Partition, PartitionSpec } from './partition.ts';
import type { IcebergField, IcebergSchema } from './schema.ts';

/** A data file and where it belongs. */
export interface ManifestEntry {
  readonly file: IcebergDataFile;
  readonly partition: Partition;
  /** 0 for rows in no order. */
  readonly sortOrderId: number;
}

export interface ManifestInput {
  readonly schema: IcebergSchema;
  /** Of all the entries. */
  readonly spec: PartitionSpec;
  readonly entries: readonly ManifestEntry[];
  readonly snapshotId: number;
  readonly sequenceNumber: number;
}

const ADDED = 1;
const DATA = 0;

/** A manifest of files that a snapshot adds, and what the manifest list will say of it. */
export function encodeManifest(input: ManifestInput): {
  readonly bytes: Buffer;
  readonly summary: Omit<ManifestFile, 'manifest_path'>;
} {
  const { schema, spec, entries, snapshotId, sequenceNumber } = input;
  const file = new AvroFile(entryType(spec));
  for (const entry of entries) {
    file.add({
      status: ADDED,
      snapshot_id: snapshotId,
      // Inherited from the manifest list, so that a manifest can be used again when its commit has to be.
      sequence_number: null,
      file_sequence_number: null,
      data_file: dataFile(schema, spec, entry),
    });
  }
  const bytes = file.finish(manifestHeader(schema, spec));
  return {
    bytes,
    summary: {
      manifest_length: bytes.length,
      partition_spec_id: spec['spec-id'],
      content: DATA,
      sequence_number: sequenceNumber,
      min_sequence_number: sequenceNumber,
      added_snapshot_id: snapshotId,
      added_files_count: entries.length,
      existing_files_count: 0,
      deleted_files_count: 0,
      added_rows_count: entries.reduce((rows, { file }) => rows + file.rows, 0),
      existing_rows_count: 0,
      deleted_rows_count: 0,
      partitions:
        spec.fields.length === 0 ? [] : [daysOf(entries.map(({ partition }) => partition.day ?? null))],
      key_metadata: null,
    },
  };
}

/** What a manifest's header says beside Avro's own. */
export const manifestHeader = (schema: IcebergSchema, spec: PartitionSpec): Record<string, string> => ({
  schema: JSON.stringify(schema),
  'schema-id': String(schema['schema-id']),
  'partition-spec': JSON.stringify(spec.fields),
  'partition-spec-id': String(spec['spec-id']),
  'format-version': '2',
  content: 'data',
});

/** The days of all entries together; null for one without. */
export function daysOf(all: readonly (number | null)[]): NonNullable<ManifestFile['partitions']>[number] {
  const days = all.filter((day) => day !== null);
  const bound = (day: number) => boundBytes('int', day);
  return {
    contains_null: days.length < all.length,
    contains_nan: null,
    lower_bound: days.length === 0 ? null : bound(days.reduce((a, b) => Math.min(a, b))),
    upper_bound: days.length === 0 ? null : bound(days.reduce((a, b) => Math.max(a, b))),
  };
}

function dataFile(
  schema: IcebergSchema,
  spec: PartitionSpec,
  { file, partition, sortOrderId }: ManifestEntry,
) {
  const [day] = spec.fields;
  const columns = schema.fields.flatMap((field) => {
    const facts = file.columns.get(field.name);
    return facts === undefined ? [] : [{ field, facts }];
  });
  // Values in a list are counted by nobody alike: like the reference implementation, only their size is told.
  const single = columns.filter(({ field }) => typeof field.type === 'string');
  const bounds = (end: 'min' | 'max') =>
    single.flatMap(({ field, facts }) => {
      const value = facts[end];
      return value === null ? [] : [{ key: field.id, value: boundBytes(scalar(field), value) }];
    });
  const each = <T>(of: typeof columns, value: (facts: ColumnFacts) => T) =>
    of.map(({ field, facts }) => ({ key: leafId(field), value: value(facts) }));
  return {
    content: DATA,
    file_path: file.path,
    file_format: 'PARQUET',
    partition: day === undefined ? {} : { [day.name]: partition.day ?? null },
    record_count: file.rows,
    file_size_in_bytes: file.bytes,
    column_sizes: each(columns, ({ size }) => size),
    value_counts: each(single, ({ values }) => values),
    null_value_counts: each(single, ({ nulls }) => nulls),
    nan_value_counts: null,
    lower_bounds: bounds('min'),
    upper_bounds: bounds('max'),
    key_metadata: null,
    split_offsets: [...file.splitOffsets],
    equality_ids: null,
    sort_order_id: sortOrderId,
  };
}

/** Statistics are told of what is stored: of a list, its elements. */
const leafId = ({ id, type }: IcebergField): number => (typeof type === 'string' ? id : type['element-id']);

function scalar({ type }: IcebergField): Exclude<IcebergField['type'], object> {
  if (typeof type === 'string') return type;
  throw new Error('a list has no bounds');
}
