/** Reads a lake's tables straight from their files, with a reader that is not ours. */

import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { TableName } from '../../schema/columns.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { openLakeForReading } from '../../vault/lake.ts';

export type LakeRow = Record<string, unknown>;

/** All rows of a table, every copy, in an order that does not depend on how they came. */
export async function rowsOf(root: string, table: TableName): Promise<LakeRow[]> {
  const lake = await openLakeForReading(root);
  const { head } = await readHead(lake.state);
  const { files } = await readTable(lake.vault, head, table);
  const rows: LakeRow[] = [];
  for (const { key } of files) {
    const { body } = await lake.vault.get(key);
    const file = new Uint8Array(body).buffer as ArrayBuffer;
    rows.push(...((await parquetReadObjects({ file, compressors })) as LakeRow[]));
  }
  return rows.sort((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1));
}

const orderKey = (row: LakeRow): string =>
  [
    row['time'] instanceof Date ? row['time'].toISOString() : '',
    row['uid'],
    row['evidence'],
    row['locator'],
    row['sha256'],
  ].join('\u0000');

/** What must be the same however a lake came about: `events`, `flows` and `quarantine`, as text. */
export async function answers(root: string): Promise<string> {
  const tables = await Promise.all(
    (['events', 'flows', 'quarantine'] as const).map((table) => rowsOf(root, table)),
  );
  return JSON.stringify(tables, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
