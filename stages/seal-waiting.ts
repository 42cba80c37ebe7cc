/** Seals what waits in the inbox beside bodies: custody records and holds. */

import { hasCode } from '../ledger/store.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { settleHolds } from './hold.ts';
import { openLedger, readVkey } from './ledger.ts';
import { notesWait } from './notes.ts';
import { seal } from './seal.ts';

/** A writer who is about to finish is waited for this long. */
const WAIT_MILLIS = 2000;

/** Size and root of the ledger afterwards; null when nothing waits, or when another writer is at work and will seal it. */
export async function sealWaiting(lake: Lake): Promise<{ size: number; root: string } | null> {
  if (!(await notesWait(lake.state))) return null;
  try {
    return await withWriter(
      lake,
      async () => {
        const { checkpoint } = await seal(lake, await openLedger(lake), [], []);
        await settleHolds(lake, await readVkey(lake.root), Date.now() * 1000);
        return checkpoint;
      },
      { waitMillis: WAIT_MILLIS },
    );
  } catch (error) {
    if (hasCode(error, 'LAKE_LOCKED')) return null;
    throw error;
  }
}
