/** Compares the custody table with the ledger's entries, record by record. */

import { hash } from 'node:crypto';
import { encodeEntry } from '../../ledger/entry.ts';
import type { Row } from '../../schema/columns.ts';
import type { Stores } from '../../vault/evidence.ts';
import { draftOfRow } from '../custody-rows.ts';
import { readRows } from '../parquet-rows.ts';
import type { Claims } from './claims.ts';
import { messageOf, type Verification } from './report.ts';
import type { Tables } from './tables.ts';

/** Every custody entry has one row, which says the same. The files themselves must have been found unaltered before. */
export async function checkCustodyRows(
  { vault }: Stores,
  { custody, objects }: Claims,
  tables: Tables,
  { problems, data }: Verification,
): Promise<void> {
  const found = new Set<number>();
  const bad = new Set(data.bad);
  for (const { key } of tables.get('custody')?.files ?? []) {
    if (bad.has(key) || !objects.has(key)) continue;
    try {
      for (const stored of await readRows((await vault.get(key)).body)) {
        const row = stored as unknown as Row<'custody'>;
        const index = row.ledger_index ?? -1;
        const claim = custody.get(index);
        const fault =
          claim === undefined
            ? 'the ledger has no such custody record'
            : found.has(index)
              ? 'it is listed twice'
              : entryHash(row, claim.previous) === claim.entrySha256
                ? null
                : 'its row says otherwise than the ledger';
        if (fault !== null) problems.push({ code: 'ROW_DIFFERS', key, detail: `entry ${index}: ${fault}` });
        found.add(index);
      }
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key, detail: messageOf(error) });
      return;
    }
  }
}

/** SHA-256 of the entry that the sealer would have made of the row; null where it could make none. */
function entryHash(row: Row<'custody'>, previous: number | null): string | null {
  try {
    return hash('sha256', encodeEntry({ ...draftOfRow(row), v: 1, previous }), 'hex');
  } catch {
    return null;
  }
}
