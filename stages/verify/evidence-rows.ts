/** Compares the evidence table with the ledger's entries, fact by fact. */

import { hash } from 'node:crypto';
import { encodeEntry } from '../../ledger/entry.ts';
import type { Row } from '../../schema/columns.ts';
import type { Stores } from '../../vault/evidence.ts';
import { evidenceDraft } from '../ledger.ts';
import { readRows } from '../parquet-rows.ts';
import type { Claims } from './claims.ts';
import { messageOf, type Verification } from './report.ts';
import type { Tables } from './tables.ts';

/** Every body has one row, which says what its entry says. The files themselves must have been found unaltered before. */
export async function checkEvidenceRows(
  { vault }: Stores,
  { evidence, objects }: Claims,
  tables: Tables,
  { problems, data }: Verification,
): Promise<void> {
  const found = new Set<string>();
  const bad = new Set(data.bad);
  for (const { key } of tables.get('evidence')?.files ?? []) {
    if (bad.has(key) || !objects.has(key)) continue;
    try {
      for (const row of await readRows((await vault.get(key)).body)) {
        const sha256 = String(row['sha256']);
        const claim = evidence.get(sha256);
        const entry = claim && entryHash(row as unknown as Row<'evidence'>, claim.previous);
        const fault =
          claim === undefined
            ? 'the ledger has no such body'
            : found.has(sha256)
              ? 'it is listed twice'
              : entry === claim.entrySha256
                ? null
                : 'its row says otherwise than the ledger';
        if (fault !== null)
          problems.push({ code: 'ROW_DIFFERS', key, detail: `evidence ${sha256}: ${fault}` });
        found.add(sha256);
      }
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key, detail: messageOf(error) });
      return;
    }
  }
}

/** SHA-256 of the entry that the sealer would have made of the row; null where it could make none. */
function entryHash(row: Row<'evidence'>, previous: number | null): string | null {
  try {
    return hash('sha256', encodeEntry({ ...evidenceDraft(row), v: 1, previous }), 'hex');
  } catch {
    return null;
  }
}
