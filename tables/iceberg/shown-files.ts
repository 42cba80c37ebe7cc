/** What engines see of a table: the data files of its newest snapshot, read as they read it, from manifest list to manifests. */

import type { VaultStore } from '../../vault/store.ts';
import { readAvroFile } from './avro-file.ts';
import { readNamed } from './follow.ts';
import { decodeManifestList } from './manifest-list.ts';
import { entryType } from './manifest-schema.ts';
import { DELETED, type StoredEntry } from './rewrite.ts';
import { currentSnapshot, type TableJson } from './table-json.ts';

export interface ShownFile {
  /** Full URI. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Throws as the vault does, and on what is not as its name says or no manifest of ours. */
export async function* shownFiles(
  vault: VaultStore,
  json: TableJson,
  keyOf: (uri: string) => string,
): AsyncGenerator<ShownFile> {
  const snapshot = currentSnapshot(json);
  if (snapshot === undefined) return;
  const list = decodeManifestList(await readNamed(vault, keyOf(snapshot['manifest-list'])));
  for (const { manifest_path: path, partition_spec_id: specId } of list) {
    const spec = json['partition-specs'].find((one) => one['spec-id'] === specId);
    if (spec === undefined)
      throw new Error(`${path} is of partition spec ${specId}, which the table has not`);
    const bytes = await readNamed(vault, keyOf(path));
    for (const { status, data_file: file } of readAvroFile(bytes, entryType(spec)) as StoredEntry[])
      if (status !== DELETED)
        yield { path: file.file_path, rows: file.record_count, bytes: file.file_size_in_bytes };
  }
}
