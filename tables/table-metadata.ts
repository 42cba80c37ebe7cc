/** A table's metadata: the data files it consists of at one seal. Immutable, named by its content. */

import { createHash } from 'node:crypto';
import type { TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { makeKey, parseKey } from '../vault/keys.ts';
import type { VaultStore } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import type { Head } from './head.ts';

export interface DataFileEntry {
  /** Key in the vault. */
  readonly key: string;
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** SHA-256 of the sidecar with the hashes of its column chunks. */
  readonly ranges: string;
  /** Earliest and latest time, microseconds; null when no row has one. */
  readonly minTime: number | null;
  readonly maxTime: number | null;
  /** It holds only copies that a compaction set aside for better ones: no rows of `events`, but of `events_all`. */
  readonly copies?: true;
}

export interface TableMetadata {
  readonly format: 1;
  readonly table: TableName;
  /** In the order they were sealed. */
  readonly files: readonly DataFileEntry[];
  /** Days on which some event is held more than once, so that queries must pick the best copy. */
  readonly overlapDays: readonly string[];
}

export const emptyTable = (table: TableName): TableMetadata => ({
  format: 1,
  table,
  files: [],
  overlapDays: [],
});

/** The table as the head names it; empty before its first data file. Throws TABLE_DAMAGED unless the bytes are those of its key. */
export async function readTable(vault: VaultStore, head: Head, table: TableName): Promise<TableMetadata> {
  const key = head.tables[table];
  if (key === undefined) return emptyTable(table);
  const { body } = await vault.get(key);
  const parts = parseKey(key);
  const named = parts?.class === 'tableMetadata' && parts.table === table ? parts.sha256 : null;
  // Whoever reads a table reads the very list that was sealed: nothing is hidden from it, nothing slipped in.
  if (named !== null && hashOf(body) === named) {
    const metadata = parsed(body);
    if (metadata?.format === 1 && metadata.table === table && Array.isArray(metadata.files)) return metadata;
  }
  throw new AkashiError(
    'TABLE_DAMAGED',
    `"${key}" is not the metadata of ${table}. Run \`akashi verify\` to see what was changed.`,
  );
}

function parsed(body: Uint8Array): TableMetadata | null {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as TableMetadata;
  } catch {
    return null;
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Stores the metadata and returns its key. Made again, it writes the same key. */
export async function writeTable(
  vault: VaultStore,
  metadata: TableMetadata,
  sequence: number,
): Promise<{ key: string; sha256: string }> {
  const body = Buffer.from(`${JSON.stringify(metadata)}\n`);
  const sha256 = hashOf(body);
  const key = makeKey('tableMetadata', { table: metadata.table, version: sequence, sha256 });
  await vault.putIfAbsent(key, body, WRITE_KINDS.tableMetadata);
  return { key, sha256 };
}
