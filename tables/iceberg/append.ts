/** Adds data files to a table, or puts them in the place of all it had: manifests, a manifest list, and the table's metadata with one snapshot more. */

import { createHash } from 'node:crypto';
import type { TableName } from '../../schema/columns.ts';
import { SORT_ORDERS } from '../sort-orders.ts';
import type { IcebergDataFile } from './data-file.ts';
import { encodeManifest, type ManifestEntry } from './manifest.ts';
import { encodeManifestList, type ManifestFile } from './manifest-list.ts';
import { partitionOf } from './partition.ts';
import { currentSchema, currentSnapshot, type TableJson, withSnapshot } from './table-json.ts';

/** Data files in one manifest, at most: some 8 MB before compression. */
export const MANIFEST_FILES = 1000;

export interface Counts {
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface Append {
  readonly table: TableName;
  /** The table so far; its current schema is the new snapshot's. */
  readonly json: TableJson;
  /** Manifests of its current snapshot; null when the new files are all that there is from here on. */
  readonly manifests: readonly ManifestFile[] | null;
  /** What those manifests lack of the snapshot before: files that others took the place of. */
  readonly removed?: Counts;
  /** The new files, in batches of `MANIFEST_FILES` or fewer: each becomes a manifest, so files of near days belong together. */
  readonly added: Iterable<readonly IcebergDataFile[]> | AsyncIterable<readonly IcebergDataFile[]>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What else the snapshot's summary says. */
  readonly summary: Readonly<Record<string, string>>;
  /** Stores a file beside the table's metadata, and says under which URI; the name comes from the content. */
  readonly put: (name: string, bytes: Uint8Array) => Promise<string>;
}

/** Stores the manifests and their list, and returns the metadata that makes them part of the table once it is stored. */
export async function appendFiles(append: Append): Promise<TableJson> {
  const { table, json, now, put, removed = NOTHING } = append;
  const schema = currentSchema(json);
  const sequenceNumber = json['last-sequence-number'] + 1;
  const snapshotId = snapshotIdOf(json['table-uuid'], sequenceNumber);
  const parent = currentSnapshot(json);
  const manifests = [...(append.manifests ?? [])];
  const before = append.manifests === null ? {} : parent?.summary;
  const tally = { files: 0, rows: 0, bytes: 0, days: new Set<unknown>() };

  for await (const batch of append.added) {
    const entries = batch.map((file) => entryOf(table, json, file));
    for (const spec of json['partition-specs']) {
      const own = entries.filter(({ partition }) => partition.specId === spec['spec-id']);
      if (own.length === 0) continue;
      const { bytes, summary } = encodeManifest({ schema, spec, entries: own, snapshotId, sequenceNumber });
      const name = `${createHash('sha256').update(bytes).digest('hex')}-m0.avro`;
      manifests.push({ manifest_path: await put(name, bytes), ...summary });
    }
    for (const { file, partition } of entries) {
      tally.files++;
      tally.rows += file.rows;
      tally.bytes += file.bytes;
      tally.days.add(partition.day);
    }
  }

  const parentId = parent?.['snapshot-id'] ?? null;
  const list = encodeManifestList({ manifests, snapshotId, parentId, sequenceNumber });
  const listName = `snap-${snapshotId}-${createHash('sha256').update(list).digest('hex')}.avro`;
  return withSnapshot(json, {
    'snapshot-id': snapshotId,
    ...(parentId === null ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequenceNumber,
    // A clock that went back must not put a snapshot before its parent.
    'timestamp-ms': Math.max(now, json['last-updated-ms']),
    'manifest-list': await put(listName, list),
    summary: {
      operation:
        (append.manifests === null && parent !== undefined) || removed.files > 0 ? 'overwrite' : 'append',
      ...totals(tally, removed, before),
      ...append.summary,
    },
    'schema-id': schema['schema-id'],
  });
}

const NOTHING: Counts = { files: 0, rows: 0, bytes: 0 };

function entryOf(table: TableName, json: TableJson, file: IcebergDataFile): ManifestEntry {
  const order = SORT_ORDERS[table];
  const sorted = order.length > 0 && order.every((name, at) => file.sortedBy[at] === name);
  return {
    file,
    partition: partitionOf(table, file.rows, file.columns.get('time')),
    sortOrderId: sorted ? json['default-sort-order-id'] : 0,
  };
}

/** 52 bits of a hash: unlike from table to table, the same when a commit is made again. */
export function snapshotIdOf(uuid: string, sequenceNumber: number): number {
  const digest = createHash('sha256').update(`${uuid} ${sequenceNumber}`).digest('hex');
  return Number.parseInt(digest.slice(0, 13), 16);
}

interface Tally extends Counts {
  readonly days: ReadonlySet<unknown>;
}

function totals(
  added: Tally,
  removed: Counts,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const total = (name: string, more: number) => String(Number(before[name] ?? 0) + more);
  return {
    'added-data-files': String(added.files),
    'added-records': String(added.rows),
    'added-files-size': String(added.bytes),
    ...(removed.files === 0
      ? {}
      : {
          'deleted-data-files': String(removed.files),
          'deleted-records': String(removed.rows),
          'removed-files-size': String(removed.bytes),
        }),
    'changed-partition-count': String(added.days.size),
    'total-data-files': total('total-data-files', added.files - removed.files),
    'total-records': total('total-records', added.rows - removed.rows),
    'total-files-size': total('total-files-size', added.bytes - removed.bytes),
    'total-delete-files': '0',
    'total-position-deletes': '0',
    'total-equality-deletes': '0',
  };
}
