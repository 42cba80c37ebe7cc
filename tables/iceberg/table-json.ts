/** A table's metadata, the JSON file that engines open: https://iceberg.apache.org/spec/#table-metadata */

import { TABLES, type TableName } from '../../schema/columns.ts';
import { SORT_ORDERS } from '../sort-orders.ts';
import { fieldIdOf, lastFieldId } from './field-ids.ts';
import { lastPartitionId, type PartitionSpec, partitionSpecs } from './partition.ts';
import { type IcebergSchema, nameMappingOf, sameFields, schemaOf } from './schema.ts';

export interface Snapshot {
  /** Below 2^53, which JSON readers count exactly; the format would allow 2^63. */
  readonly 'snapshot-id': number;
  readonly 'parent-snapshot-id'?: number;
  readonly 'sequence-number': number;
  readonly 'timestamp-ms': number;
  readonly 'manifest-list': string;
  readonly summary: Readonly<Record<string, string>> & { readonly operation: 'append' | 'overwrite' };
  readonly 'schema-id': number;
}

interface SortOrder {
  readonly 'order-id': number;
  readonly fields: readonly {
    readonly transform: 'identity';
    readonly 'source-id': number;
    readonly direction: 'asc';
    readonly 'null-order': 'nulls-last';
  }[];
}

export interface TableJson {
  readonly 'format-version': 2;
  readonly 'table-uuid': string;
  readonly location: string;
  readonly 'last-sequence-number': number;
  readonly 'last-updated-ms': number;
  readonly 'last-column-id': number;
  readonly 'current-schema-id': number;
  readonly schemas: readonly IcebergSchema[];
  readonly 'default-spec-id': number;
  readonly 'partition-specs': readonly PartitionSpec[];
  readonly 'last-partition-id': number;
  readonly 'default-sort-order-id': number;
  readonly 'sort-orders': readonly SortOrder[];
  readonly properties: Readonly<Record<string, string>>;
  /** -1 before the first: what older readers expect. */
  readonly 'current-snapshot-id': number;
  readonly snapshots: readonly Snapshot[];
  readonly 'snapshot-log': readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': number }[];
  readonly 'metadata-log': readonly { readonly 'timestamp-ms': number; readonly 'metadata-file': string }[];
  readonly refs: Readonly<Record<string, { readonly 'snapshot-id': number; readonly type: 'branch' }>>;
}

export interface NewTable {
  readonly table: TableName;
  readonly uuid: string;
  /** URI of the table's folder. */
  readonly location: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A table without rows, with the schema, partitions and order of the catalogue. */
export function newTable({ table, uuid, location, now }: NewTable): TableJson {
  const orders = sortOrders(table);
  return {
    'format-version': 2,
    'table-uuid': uuid,
    location,
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': lastFieldId(table),
    'current-schema-id': 0,
    schemas: [schemaOf(TABLES[table], fieldIdOf(table), 0)],
    'default-spec-id': 0,
    'partition-specs': partitionSpecs(table),
    'last-partition-id': lastPartitionId(table),
    'default-sort-order-id': orders.at(-1)!['order-id'],
    'sort-orders': orders,
    properties: propertiesOf(table),
    'current-snapshot-id': -1,
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    refs: {},
  };
}

/** The table with the schema and the order that the catalogue has now: the same object when it has them already. */
export const withCurrentSchema = (json: TableJson, table: TableName): TableJson =>
  withOrder(withSchema(json, table), table);

/** Files of former orders say so, and stay what they are. */
function withOrder(json: TableJson, table: TableName): TableJson {
  const wanted = sortOrders(table).at(-1)!;
  const sameOrder = ({ fields }: SortOrder) => JSON.stringify(fields) === JSON.stringify(wanted.fields);
  const known = json['sort-orders'].find(sameOrder);
  if (known?.['order-id'] === json['default-sort-order-id']) return json;
  const id = known?.['order-id'] ?? Math.max(...json['sort-orders'].map((order) => order['order-id'])) + 1;
  return {
    ...json,
    'default-sort-order-id': id,
    'sort-orders':
      known === undefined ? [...json['sort-orders'], { ...wanted, 'order-id': id }] : json['sort-orders'],
  };
}

function withSchema(json: TableJson, table: TableName): TableJson {
  const wanted = schemaOf(TABLES[table], fieldIdOf(table), 0);
  const known = json.schemas.find((schema) => sameFields(schema, wanted));
  if (known?.['schema-id'] === json['current-schema-id']) return json;
  const id = known?.['schema-id'] ?? Math.max(...json.schemas.map((schema) => schema['schema-id'])) + 1;
  return {
    ...json,
    'last-column-id': Math.max(json['last-column-id'], lastFieldId(table)),
    'current-schema-id': id,
    schemas: known === undefined ? [...json.schemas, { ...wanted, 'schema-id': id }] : json.schemas,
    properties: { ...json.properties, ...propertiesOf(table) },
  };
}

/** The table with one snapshot more, which becomes the current one. */
export function withSnapshot(json: TableJson, snapshot: Snapshot): TableJson {
  const { 'snapshot-id': id, 'timestamp-ms': now } = snapshot;
  return {
    ...json,
    'last-sequence-number': snapshot['sequence-number'],
    'last-updated-ms': now,
    'current-snapshot-id': id,
    snapshots: [...json.snapshots, snapshot],
    'snapshot-log': [...json['snapshot-log'], { 'timestamp-ms': now, 'snapshot-id': id }],
    refs: { main: { 'snapshot-id': id, type: 'branch' } },
  };
}

/** Snapshots that stay one by one; after them the last of each hour, for a day, and of each quarter of a day: their number has a bound. */
const NEWEST = 20;
const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;
const KEPT_MILLIS = 7 * DAY_MILLIS;

/** The table without snapshots that are old, or that a newer one stands for; and those. */
export function withoutOld(json: TableJson): {
  readonly json: TableJson;
  readonly dropped: readonly Snapshot[];
} {
  const { snapshots, 'last-updated-ms': now } = json;
  const isDone = ({ 'timestamp-ms': at }: Snapshot, next: Snapshot): boolean => {
    if (now - at > KEPT_MILLIS) return true;
    const step = now - at > DAY_MILLIS ? DAY_MILLIS / 4 : HOUR_MILLIS;
    return Math.floor(at / step) === Math.floor(next['timestamp-ms'] / step);
  };
  const dropped = new Set(
    snapshots.slice(0, -NEWEST).filter((snapshot, at) => isDone(snapshot, snapshots[at + 1]!)),
  );
  if (dropped.size === 0) return { json, dropped: [] };
  const gone = new Set([...dropped].map((snapshot) => snapshot['snapshot-id']));
  return {
    json: {
      ...json,
      snapshots: snapshots.filter((snapshot) => !dropped.has(snapshot)),
      'snapshot-log': json['snapshot-log'].filter((entry) => !gone.has(entry['snapshot-id'])),
    },
    dropped: [...dropped],
  };
}

/** Predecessors that are told, as the reference implementation keeps. */
const LOGGED_FILES = 100;

/** The table as the successor of a metadata file that was the current one since `since`. */
export const withPredecessor = (json: TableJson, file: string, since: number): TableJson => ({
  ...json,
  'metadata-log': [...json['metadata-log'], { 'timestamp-ms': since, 'metadata-file': file }].slice(
    -LOGGED_FILES,
  ),
});

export const currentSnapshot = (json: TableJson): Snapshot | undefined =>
  json.snapshots.find((snapshot) => snapshot['snapshot-id'] === json['current-snapshot-id']);

export const currentSchema = (json: TableJson): IcebergSchema =>
  json.schemas.find((schema) => schema['schema-id'] === json['current-schema-id'])!;

const propertiesOf = (table: TableName): Record<string, string> => ({
  'write.format.default': 'parquet',
  'schema.name-mapping.default': JSON.stringify(nameMappingOf(TABLES[table], fieldIdOf(table))),
});

/** The order without columns, which Iceberg numbers 0, and the table's own where it has one. */
function sortOrders(table: TableName): SortOrder[] {
  const fields = SORT_ORDERS[table].map((name) => ({
    transform: 'identity' as const,
    'source-id': fieldIdOf(table)(name)!,
    direction: 'asc' as const,
    'null-order': 'nulls-last' as const,
  }));
  const unsorted = { 'order-id': 0, fields: [] };
  return fields.length === 0 ? [unsorted] : [unsorted, { 'order-id': 1, fields }];
}
