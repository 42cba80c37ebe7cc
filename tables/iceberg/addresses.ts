/** Where other engines find the lake's tables, as of one head. */

import { TABLES, type TableName } from '../../schema/columns.ts';
import type { VaultStore } from '../../vault/store.ts';
import type { Head } from '../head.ts';
import { openTable } from '../table-metadata.ts';
import { icebergLocation } from './follow.ts';

export interface IcebergAddress {
  /** What engines call it: the table's name, or that and `_copies`. */
  readonly name: string;
  readonly table: TableName;
  /** URI of its folder, and of the metadata that engines open. */
  readonly location: string;
  readonly metadata: string;
}

/** Tables that no engine could open at the vault's address now, because the lake was moved since its last seal, are left out. */
export async function icebergAddresses(vault: VaultStore, head: Head): Promise<IcebergAddress[]> {
  const { location } = vault;
  if (location === undefined) return [];
  const found = await Promise.all(
    (Object.keys(TABLES) as TableName[]).map(async (table) => {
      const key = head.tables[table];
      if (key === undefined) return [];
      const { iceberg, copies } = await openTable(vault, head, table);
      if (iceberg?.location !== icebergLocation(location, table)) return [];
      const at = (name: string, metadata: string) => ({
        name,
        table,
        location: icebergLocation(location, name),
        metadata: `${location}/${metadata}`,
      });
      return [at(table, key), ...(copies === null ? [] : [at(`${table}_copies`, copies)])];
    }),
  );
  return found.flat();
}
