/**
 * A table's metadata: the data files it consists of at one seal, and where the store has an address that other engines
 * open, the same as an Iceberg table. Immutable, named by its content. It is one JSON file for both: Iceberg's readers
 * pass over the member `akashi`, and ours reads nothing else.
 */

import { createHash } from 'node:crypto';
import type { TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { makeKey, parseKey } from '../vault/keys.ts';
import type { VaultStore, WriteItem } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { type DataFileEntry, type FileList, type FilePart, filesOf } from './file-list.ts';
import type { Head } from './head.ts';
import type { TableJson } from './iceberg/table-json.ts';

export type { DataFileEntry } from './file-list.ts';

/** A whole table. */
export interface TableMetadata {
  readonly format: 1;
  readonly table: TableName;
  /** In the order they were sealed. */
  readonly files: readonly DataFileEntry[];
  /** Days on which some event is held more than once, so that queries must pick the best copy. */
  readonly overlapDays: readonly string[];
}

/** What we read of it; the files of its parts stand elsewhere. */
export interface TableRoot {
  readonly table: TableName;
  readonly list: FileList;
  readonly overlapDays: readonly string[];
  /** The same table for other engines; null where none could open it. */
  readonly iceberg: TableJson | null;
  /** Key of the Iceberg metadata of its copies, which are a table of their own. */
  readonly copies: string | null;
}

/** A table without files. */
export const emptyRoot = (table: TableName): TableRoot => ({
  table,
  list: { parts: [], files: [] },
  overlapDays: [],
  iceberg: null,
  copies: null,
});

/**
 * The table as the head names it; empty before its first data file. Throws TABLE_DAMAGED unless the bytes are those of
 * its key: whoever reads a table reads the very list that was sealed.
 */
export async function openTable(vault: VaultStore, head: Head, table: TableName): Promise<TableRoot> {
  const key = head.tables[table];
  if (key === undefined) return emptyRoot(table);
  const { body } = await vault.get(key);
  const parts = parseKey(key);
  const named = parts?.class === 'tableMetadata' && parts.table === table ? parts.sha256 : null;
  const root = named === null ? null : rootOf(body, table, named);
  if (root !== null) return root;
  throw new AkashiError(
    'TABLE_DAMAGED',
    `"${key}" is not the metadata of ${table}. Run \`akashi verify\` to see what was changed.`,
  );
}

/** What bytes with this SHA-256 say of a table; null for any other bytes. */
export function rootOf(body: Uint8Array, table: string, sha256: string): TableRoot | null {
  const root = hashOf(body) === sha256 ? parsed(body) : null;
  return root?.table === table ? root : null;
}

/** The table with all its files. Throws as `openTable` does, for each of its parts too. */
export async function readTable(vault: VaultStore, head: Head, table: TableName): Promise<TableMetadata> {
  const { list, overlapDays } = await openTable(vault, head, table);
  return { format: 1, table, files: await filesOf(vault, table, list), overlapDays };
}

/** Files of the parts that are wanted, and all that stand in no part. Throws as `readTable` does. */
export async function filesIn(
  vault: VaultStore,
  head: Head,
  table: TableName,
  wanted: (part: FilePart) => boolean,
): Promise<DataFileEntry[]> {
  const { list } = await openTable(vault, head, table);
  return filesOf(vault, table, list, wanted);
}

interface StoredRoot {
  readonly format: 2;
  readonly table: TableName;
  readonly parts: readonly FilePart[];
  readonly files: readonly DataFileEntry[];
  readonly overlapDays: readonly string[];
  readonly copies: string | null;
}

/** Null for what is none. Earlier versions had the whole table in one file. */
function parsed(body: Uint8Array): TableRoot | null {
  try {
    const json = JSON.parse(Buffer.from(body).toString('utf8')) as TableMetadata &
      Partial<TableJson> & { readonly akashi?: StoredRoot };
    if (json.format === 1) {
      const { table, files, overlapDays } = json;
      return Array.isArray(files) ? { ...emptyRoot(table), list: { parts: [], files }, overlapDays } : null;
    }
    const { akashi: stored, ...iceberg } = json;
    if (stored?.format !== 2 || !Array.isArray(stored.parts) || !Array.isArray(stored.files)) return null;
    const { table, parts, files, overlapDays, copies } = stored;
    const isTable = iceberg['format-version'] === 2;
    return {
      table,
      list: { parts, files },
      overlapDays,
      iceberg: isTable ? (iceberg as unknown as TableJson) : null,
      copies,
    };
  } catch {
    return null;
  }
}

/** Iceberg metadata by its key; null for what is none, or is gone. */
export async function readIceberg(vault: VaultStore, key: string): Promise<TableJson | null> {
  if ((await vault.stat(key)) === null) return null;
  try {
    const { body } = await vault.get(key);
    const json = JSON.parse(Buffer.from(body).toString('utf8')) as TableJson;
    return json['format-version'] === 2 ? json : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What stores the metadata. Made again, it has the same key. */
export function tableWrite(
  { table, list, overlapDays, iceberg, copies }: TableRoot,
  sequence: number,
): WriteItem & { readonly sha256: string } {
  const akashi: StoredRoot = { format: 2, table, ...list, overlapDays, copies };
  return metadataWrite(table, { ...iceberg, akashi }, sequence);
}

/** What stores the Iceberg metadata of a table that is not ours to read. */
export const metadataWrite = (
  name: string,
  json: object,
  sequence: number,
): WriteItem & { readonly sha256: string } => {
  const body = Buffer.from(`${JSON.stringify(json)}\n`);
  const sha256 = hashOf(body);
  const key = makeKey('tableMetadata', { table: name, version: sequence, sha256 });
  return { key, body, kind: WRITE_KINDS.tableMetadata, sha256 };
};

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
