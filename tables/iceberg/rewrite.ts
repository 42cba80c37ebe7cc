/** Manifests made of others: without files that were replaced, and several small ones as one. */

import { AvroFile, readAvroFile } from './avro-file.ts';
import { daysOf, manifestHeader } from './manifest.ts';
import type { ManifestFile } from './manifest-list.ts';
import { entryType } from './manifest-schema.ts';
import type { PartitionSpec } from './partition.ts';
import type { IcebergSchema } from './schema.ts';

/** An entry as it is stored, as far as it is looked at. */
export interface StoredEntry {
  readonly status: number;
  readonly snapshot_id: number | null;
  readonly sequence_number: number | null;
  readonly file_sequence_number: number | null;
  readonly data_file: {
    readonly file_path: string;
    readonly record_count: number;
    readonly file_size_in_bytes: number;
    readonly partition: Readonly<Record<string, number | null>>;
  };
}

const EXISTING = 0;
export const DELETED = 2;

export interface RewriteInput {
  readonly schema: IcebergSchema;
  /** Of all of them. */
  readonly spec: PartitionSpec;
  readonly manifests: readonly { readonly file: ManifestFile; readonly bytes: Uint8Array }[];
  /** Paths of data files to leave out. */
  readonly without: ReadonlySet<string>;
  readonly snapshotId: number;
  readonly sequenceNumber: number;
}

/** One manifest of several; null when no file is left. `removed` counts those that were left out. Throws on what is no manifest of ours. */
export function rewriteManifests({
  schema,
  spec,
  manifests,
  without,
  snapshotId,
  sequenceNumber,
}: RewriteInput): {
  readonly removed: number;
  readonly made: { readonly bytes: Buffer; readonly summary: Omit<ManifestFile, 'manifest_path'> } | null;
} {
  const file = new AvroFile(entryType(spec));
  const [day] = spec.fields;
  const days: (number | null)[] = [];
  let [rows, removed, least] = [0, 0, sequenceNumber];
  for (const { file: from, bytes } of manifests) {
    for (const entry of readAvroFile(bytes, entryType(spec)) as StoredEntry[]) {
      if (entry.status === DELETED) continue;
      if (without.has(entry.data_file.file_path)) {
        removed++;
        continue;
      }
      // What an entry inherits from its manifest has to be said once it stands in another.
      const sequence = entry.sequence_number ?? from.sequence_number;
      file.add({
        ...entry,
        status: EXISTING,
        snapshot_id: entry.snapshot_id ?? from.added_snapshot_id,
        sequence_number: sequence,
        file_sequence_number: entry.file_sequence_number ?? from.sequence_number,
      });
      rows += entry.data_file.record_count;
      least = Math.min(least, sequence);
      days.push(day === undefined ? null : (entry.data_file.partition[day.name] ?? null));
    }
  }
  if (days.length === 0) return { removed, made: null };
  const bytes = file.finish(manifestHeader(schema, spec));
  const summary = {
    manifest_length: bytes.length,
    partition_spec_id: spec['spec-id'],
    content: 0,
    sequence_number: sequenceNumber,
    min_sequence_number: least,
    added_snapshot_id: snapshotId,
    added_files_count: 0,
    existing_files_count: days.length,
    deleted_files_count: 0,
    added_rows_count: 0,
    existing_rows_count: rows,
    deleted_rows_count: 0,
    partitions: day === undefined ? [] : [daysOf(days)],
    key_metadata: null,
  };
  return { removed, made: { bytes, summary } };
}

/** Whether a manifest may hold files of one of these days; null stands for files without one. */
export function mayHoldDays({ partitions }: ManifestFile, days: ReadonlySet<number | null>): boolean {
  const [known] = partitions ?? [];
  if (known === undefined) return true;
  if (days.has(null) && known.contains_null) return true;
  const { lower_bound: low, upper_bound: high } = known;
  if (low === null || high === null) return false;
  const [first, last] = [low.readInt32LE(), high.readInt32LE()];
  return [...days].some((day) => day !== null && first <= day && day <= last);
}
