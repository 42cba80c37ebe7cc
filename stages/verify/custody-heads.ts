/** Whether the heads at which records of custody say they were made are heads that this ledger had. */

import { sameHash } from '../../ledger/merkle.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Stores } from '../../vault/evidence.ts';
import { parseKey } from '../../vault/keys.ts';
import { custodyOf } from '../custody-rows.ts';
import { isRecord, readNotes } from '../notes.ts';
import { type Claims, claimHead } from './claims.ts';
import { type Harm, messageOf } from './report.ts';

/**
 * A record of another lake, or of another history of this one, tells nothing of what was done here.
 * `hasMoved`: whether somebody sealed since `reader` was opened.
 */
export async function checkCustodyHeads(
  stores: Stores,
  claims: Claims,
  openLog: () => Promise<LedgerReader>,
  hasMoved: () => Promise<boolean>,
  problems: Harm[],
): Promise<void> {
  try {
    await compareHeads(stores, claims, await openLog(), hasMoved, problems);
  } catch (error) {
    // A writer that seals meanwhile makes parts of the older head go.
    if (!(await hasMoved())) problems.push({ code: 'UNREADABLE', key: 'ledger', detail: messageOf(error) });
  }
}

async function compareHeads(
  stores: Stores,
  { heads: sealed }: Claims,
  reader: LedgerReader,
  hasMoved: () => Promise<boolean>,
  problems: Harm[],
): Promise<void> {
  const heads = new Map(sealed);
  for (const { key, draft } of (await readNotes(stores.state)).notes.filter(isRecord))
    claimHead(heads, custodyOf(draft), key, reader.size);
  for (const { size, root, key, before } of heads.values()) {
    const had = size <= before ? await reader.rootAt(size) : null;
    if (had !== null && root !== null && sameHash(had, Buffer.from(root, 'hex'))) continue;
    // Made at a head that was sealed since the ledger was read.
    if (size > reader.size && parseKey(key)?.class === 'note' && (await hasMoved())) continue;
    const detail = `its record names a head of ${size} entries with the root ${root ?? 'none'}, which this ledger never had`;
    problems.push({ code: 'FORKED', key, detail });
  }
}
