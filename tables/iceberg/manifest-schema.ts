/** Avro schemas of manifests and manifest lists, with Iceberg's field ids: https://iceberg.apache.org/spec/#manifests */

import { type RecordSchema, type RecordType, recordType } from './avro-file.ts';
import type { PartitionSpec } from './partition.ts';

const field = (id: number, name: string, type: unknown) => ({ name, type, 'field-id': id });
const optional = (id: number, name: string, type: unknown) => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
});

/** A map with numbers for keys, which Avro has no type for: a list of pairs. */
const byColumn = (keyId: number, valueId: number, value: string) => ({
  type: 'array',
  logicalType: 'map',
  items: {
    type: 'record',
    name: `k${keyId}_v${valueId}`,
    fields: [field(keyId, 'key', 'int'), field(valueId, 'value', value)],
  },
});

/** Of the entries of a manifest: the partition is typed by its spec. */
function entrySchema(spec: PartitionSpec): RecordSchema {
  const partition = {
    type: 'record',
    name: 'r102',
    fields: spec.fields.map((part) =>
      optional(part['field-id'], part.name, { type: 'int', logicalType: 'date' }),
    ),
  };
  const dataFile = {
    type: 'record',
    name: 'r2',
    fields: [
      field(134, 'content', 'int'),
      field(100, 'file_path', 'string'),
      field(101, 'file_format', 'string'),
      field(102, 'partition', partition),
      field(103, 'record_count', 'long'),
      field(104, 'file_size_in_bytes', 'long'),
      optional(108, 'column_sizes', byColumn(117, 118, 'long')),
      optional(109, 'value_counts', byColumn(119, 120, 'long')),
      optional(110, 'null_value_counts', byColumn(121, 122, 'long')),
      optional(137, 'nan_value_counts', byColumn(138, 139, 'long')),
      optional(125, 'lower_bounds', byColumn(126, 127, 'bytes')),
      optional(128, 'upper_bounds', byColumn(129, 130, 'bytes')),
      optional(131, 'key_metadata', 'bytes'),
      optional(132, 'split_offsets', { type: 'array', items: 'long', 'element-id': 133 }),
      optional(135, 'equality_ids', { type: 'array', items: 'int', 'element-id': 136 }),
      optional(140, 'sort_order_id', 'int'),
    ],
  };
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      field(0, 'status', 'int'),
      optional(1, 'snapshot_id', 'long'),
      optional(3, 'sequence_number', 'long'),
      optional(4, 'file_sequence_number', 'long'),
      field(2, 'data_file', dataFile),
    ],
  };
}

const compiled = new Map<string, RecordType>();

/** The type of a manifest's entries. */
export function entryType(spec: PartitionSpec): RecordType {
  const key = JSON.stringify(spec.fields);
  const known = compiled.get(key) ?? recordType(entrySchema(spec));
  compiled.set(key, known);
  return known;
}

/** The type of a manifest list's entries: https://iceberg.apache.org/spec/#manifest-lists */
export const MANIFEST_FILE: RecordType = recordType({
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_files_count', 'int'),
    field(505, 'existing_files_count', 'int'),
    field(506, 'deleted_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
    optional(507, 'partitions', {
      type: 'array',
      'element-id': 508,
      items: {
        type: 'record',
        name: 'r508',
        fields: [
          field(509, 'contains_null', 'boolean'),
          optional(518, 'contains_nan', 'boolean'),
          optional(510, 'lower_bound', 'bytes'),
          optional(511, 'upper_bound', 'bytes'),
        ],
      },
    }),
    optional(519, 'key_metadata', 'bytes'),
  ],
});
