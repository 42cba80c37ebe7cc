/** Manifest lists: which manifests a snapshot consists of. https://iceberg.apache.org/spec/#manifest-lists */

import { AvroFile, readAvroFile } from './avro-file.ts';
import { MANIFEST_FILE } from './manifest-schema.ts';

/** A manifest, by the names of the specification. */
export interface ManifestFile {
  /** Full URI. */
  readonly manifest_path: string;
  readonly manifest_length: number;
  readonly partition_spec_id: number;
  readonly content: number;
  readonly sequence_number: number;
  readonly min_sequence_number: number;
  readonly added_snapshot_id: number;
  readonly added_files_count: number;
  readonly existing_files_count: number;
  readonly deleted_files_count: number;
  readonly added_rows_count: number;
  readonly existing_rows_count: number;
  readonly deleted_rows_count: number;
  readonly partitions:
    | readonly {
        readonly contains_null: boolean;
        readonly contains_nan: boolean | null;
        readonly lower_bound: Buffer | null;
        readonly upper_bound: Buffer | null;
      }[]
    | null;
  readonly key_metadata: Buffer | null;
}

export interface ManifestListInput {
  readonly manifests: readonly ManifestFile[];
  readonly snapshotId: number;
  readonly parentId: number | null;
  readonly sequenceNumber: number;
}

export function encodeManifestList({
  manifests,
  snapshotId,
  parentId,
  sequenceNumber,
}: ManifestListInput): Buffer {
  const file = new AvroFile(MANIFEST_FILE);
  for (const manifest of manifests) file.add(manifest);
  return file.finish({
    'snapshot-id': String(snapshotId),
    'parent-snapshot-id': String(parentId),
    'sequence-number': String(sequenceNumber),
    'format-version': '2',
  });
}

/** The manifests of a list that `encodeManifestList` wrote. Throws on anything else. */
export const decodeManifestList = (bytes: Uint8Array): ManifestFile[] =>
  readAvroFile(bytes, MANIFEST_FILE) as ManifestFile[];
