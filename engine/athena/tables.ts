/** The lake's tables as Athena finds them through Glue, held at the very snapshot that a head names. */

import type { TableName } from '../../schema/columns.ts';
import { TABLES } from '../../schema/columns.ts';
import type { Head } from '../../tables/head.ts';
import { currentSnapshot, type TableJson } from '../../tables/iceberg/table-json.ts';
import { openTable, readIceberg } from '../../tables/table-metadata.ts';
import type { VaultStore } from '../../vault/store.ts';
import { quoteName } from '../sql-text.ts';
import type { AthenaTable, AthenaTables } from './views.ts';

/** Null where a table cannot be asked at this head: no other engine can open it. */
export async function athenaTables(
  vault: VaultStore,
  head: Head,
  database: string,
): Promise<AthenaTables | null> {
  const found: Partial<Record<TableName, AthenaTable>> = {};
  for (const table of Object.keys(TABLES) as TableName[]) {
    if (head.tables[table] === undefined) continue;
    const { iceberg, copies, overlapDays } = await openTable(vault, head, table);
    if (iceberg === null) return null;
    const aside = copies === null ? null : await readIceberg(vault, copies);
    const rowsOf = (name: string, json: TableJson | null): string | null => {
      const snapshot = json === null ? undefined : currentSnapshot(json);
      if (snapshot === undefined) return null;
      return `${quoteName(database)}.${quoteName(name)} FOR VERSION AS OF ${snapshot['snapshot-id']}`;
    };
    found[table] = { rows: rowsOf(table, iceberg), copies: rowsOf(`${table}_copies`, aside), overlapDays };
  }
  return found;
}
