/** How a seal changes tables: their lists of files, and the Iceberg tables that follow them, all stored before the head names them. */

import type { DraftOf } from '../ledger/entry.ts';
import type { TableName } from '../schema/columns.ts';
import { changedList, type DataFileEntry, filesOf } from '../tables/file-list.ts';
import type { Head } from '../tables/head.ts';
import { follow, icebergLocation, isHarm } from '../tables/iceberg/follow.ts';
import type { TableJson } from '../tables/iceberg/table-json.ts';
import { metadataWrite, readIceberg, type TableRoot, tableWrite } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import type { VaultStore, WriteItem } from '../vault/store.ts';

export interface TableEdit {
  readonly before: TableRoot;
  readonly added: readonly DataFileEntry[];
  readonly removed: readonly DataFileEntry[];
  readonly overlapDays: readonly string[];
  /** How a seal went on with the tables for other engines, where that is on record: as it now seems possible unless given. */
  readonly followed?: Followed;
}

/** What a seal found no more as it had been left: it began that table anew, or both, or had to do without. */
export interface Followed {
  readonly without: boolean;
  readonly shownAnew: boolean;
  readonly copiesAnew: boolean;
}

/** A table's new metadata, and what the ledger has to say of it. */
export interface TableChanged {
  readonly key: string;
  readonly drafts: readonly (DraftOf<'metadata'> | DraftOf<'lists'>)[];
}

/** Keys in one ledger entry: some 45 KB of the 64 that fit. */
const KEYS_PER_ENTRY = 400;

/** Stores what these edits make of the tables; it counts once the head says so. `at` is in microseconds. */
export async function changeTables(
  { vault }: Stores,
  head: Head,
  edits: readonly TableEdit[],
  at: number,
): Promise<ReadonlyMap<TableName, TableChanged>> {
  const sequence = head.sequence + 1;
  const changes = await Promise.all(edits.map((edit) => changed(vault, edit, sequence, at)));
  // Nothing names any of it yet, so all of it becomes durable in one round.
  await vault.putManyIfAbsent(changes.flatMap(({ writes }) => writes));
  return new Map(changes.map(({ table, key, drafts }) => [table, { key, drafts }]));
}

/** What an edit makes of a table, none of it stored yet. The same edit always gives the same. */
export async function changed(vault: VaultStore, edit: TableEdit, sequence: number, at: number) {
  const { before, overlapDays, added, removed } = edit;
  const { table } = before;
  const { list, writes, removed: gone } = await changedList(vault, table, before.list, { added, removed });
  const iceberg = await icebergOf(vault, edit, sequence, at);
  const root = tableWrite(
    { table, list, overlapDays, iceberg: iceberg.json, copies: iceberg.copies },
    sequence,
  );
  const lists = [...writes, ...iceberg.writes];
  const drafts: TableChanged['drafts'][number][] = [
    ...listDrafts(
      table,
      lists.map(({ key }) => key),
      [...gone, ...iceberg.removed],
      at,
    ),
    { kind: 'metadata', table, key: root.key, sha256: root.sha256, at },
  ];
  const next: TableRoot = { table, list, overlapDays, iceberg: iceberg.json, copies: iceberg.copies };
  return { table, key: root.key, drafts, writes: [...lists, root], root: next };
}

interface Stepped {
  readonly json: TableJson | null;
  /** Key of the metadata of copies. */
  readonly copies: string | null;
  readonly writes: readonly WriteItem[];
  readonly removed: readonly string[];
}

/** Files that show rows, and those that hold copies a compaction set aside: two tables for other engines. */
async function icebergOf(vault: VaultStore, edit: TableEdit, sequence: number, at: number): Promise<Stepped> {
  const { location } = vault;
  if (location === undefined || edit.followed?.without === true) return NONE;
  const { before, added, removed, followed } = edit;
  const { table } = before;
  const goneKeys = new Set(removed.map(({ key }) => key));
  const step = (
    name: string,
    json: TableJson | null,
    isAnew: boolean | undefined,
    isOwn: (file: DataFileEntry) => boolean,
  ) => ({
    vault: { ...vault, location },
    name,
    table,
    before: json,
    isAnew: isAnew === true,
    added: added.filter(isOwn),
    removed: removed.filter(isOwn),
    all: async () =>
      [
        ...(await filesOf(vault, table, before.list)).filter(({ key }) => !goneKeys.has(key)),
        ...added,
      ].filter(isOwn),
    now: Math.floor(at / 1000),
    summary: { 'akashi.seal': String(sequence) },
  });
  try {
    const shown = await follow(
      step(table, before.iceberg, followed?.shownAnew, ({ copies }) => copies !== true),
    );
    const isAnew = before.iceberg?.location !== icebergLocation(location, table);
    const aside = ({ copies }: DataFileEntry) => copies === true;
    const touched = isAnew
      ? before.list.parts.length > 0 || before.list.files.some(aside)
      : removed.some(aside);
    if (!touched && !added.some(aside)) return { ...shown, copies: before.copies };
    const name = `${table}_copies`;
    const last = before.copies === null ? null : await readIceberg(vault, before.copies);
    const copiesStep = step(name, last, followed?.copiesAnew, aside);
    if (last === null && (await copiesStep.all()).length === 0) return { ...shown, copies: null };
    const copies = await follow(copiesStep);
    const metadata = metadataWrite(name, copies.json, sequence);
    return {
      json: shown.json,
      copies: metadata.key,
      writes: [...shown.writes, ...copies.writes, metadata],
      removed: [
        ...shown.removed,
        ...copies.removed,
        ...(before.copies === null || before.copies === metadata.key ? [] : [before.copies]),
      ],
    };
  } catch (error) {
    if (!isHarm(error)) throw error;
    // Some data file is not what was sealed, which verification tells; until it is back, other engines do without the table.
    return NONE;
  }
}

const NONE: Stepped = { json: null, copies: null, writes: [], removed: [] };

function* listDrafts(
  table: TableName,
  added: readonly string[],
  removed: readonly string[],
  at: number,
): Generator<DraftOf<'lists'>> {
  const half = KEYS_PER_ENTRY / 2;
  for (let from = 0; from < Math.max(added.length, removed.length); from += half)
    yield {
      kind: 'lists',
      table,
      added: added.slice(from, from + half),
      removed: removed.slice(from, from + half),
      at,
    };
}
