/** Compares the table of verdicts with the ledger's entries: every row was sealed as an entry too, and none is missing. */

import type { Stores } from '../../vault/evidence.ts';
import { readRows } from '../parquet-rows.ts';
import type { Claims } from './claims.ts';
import { messageOf, type Verification } from './report.ts';
import { emptySet, putIn, sameSet } from './row-sets.ts';
import type { Tables } from './tables.ts';

const CELLS = ['evidence', 'source', 'proof', 'verdict', 'level', 'judged_at'] as const;

/** The files themselves must have been found unaltered before. */
export async function checkVerdictRows(
  { vault }: Stores,
  { verdicts, objects }: Claims,
  tables: Tables,
  { problems, data }: Verification,
): Promise<void> {
  const found = emptySet();
  const bad = new Set(data.bad);
  for (const { key } of tables.get('verdicts')?.files ?? []) {
    // Named already, and what it held cannot be compared.
    if (bad.has(key) || !objects.has(key)) return;
    try {
      for (const row of await readRows((await vault.get(key)).body))
        putIn(
          found,
          CELLS.map((name) => row[name] ?? null),
        );
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key, detail: messageOf(error) });
      return;
    }
  }
  if (sameSet(found, verdicts)) return;
  const detail = `its ${found.rows} rows are not the ${verdicts.rows} verdicts of the ledger's entries`;
  problems.push({ code: 'ROW_DIFFERS', key: 'verdicts', detail });
}
