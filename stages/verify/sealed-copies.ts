/** Copies that the ledger's own check does not compare with one another: the head's checkpoint, and a staging bundle. */

import type { SignedCheckpoint } from '../../ledger/checkpoint.ts';
import { decodeStaging } from '../../ledger/staging.ts';
import { checkpointKey, getIfPresent, stagingKey } from '../../ledger/store.ts';
import { TILE_WIDTH, tileKey } from '../../ledger/tiles.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Harm } from './report.ts';

/** Key of the staging bundle of the head's own seal, when it is still there: that seal was interrupted after it committed. */
export async function checkCopies(
  stores: Stores,
  head: SignedCheckpoint,
  problems: Harm[],
): Promise<string | null> {
  const key = checkpointKey(head.size);
  const kept = await getIfPresent(stores.vault, key);
  // One that is not believed is named already; this one may carry a signature more than was sealed.
  const named = problems.some((problem) => problem.key === key);
  if (kept !== null && !named && Buffer.compare(kept.body, head.note) !== 0)
    problems.push({ code: 'ALTERED', key, detail: 'its bytes are not those of the checkpoint in the head' });

  const staging = stagingKey(head.size, head.root);
  const bundle = await getIfPresent(stores.state, staging);
  if (bundle === null) return null;
  const decoded = decodeStaging(bundle.body);
  if (!decoded.ok) {
    problems.push({ code: 'ALTERED', key: staging, detail: decoded.problem });
    return staging;
  }
  // The check of the ledger reads these objects from the bundle, which must not hide what is wrong in their own place.
  for (const { ref, body } of decoded.value.objects) {
    const home = ref.width === TILE_WIDTH ? stores.vault : stores.state;
    const stored = await getIfPresent(home, tileKey(ref));
    if (stored !== null && Buffer.compare(stored.body, body) !== 0)
      problems.push({ code: 'ALTERED', key: tileKey(ref), detail: `its bytes are not those in ${staging}` });
  }
  return staging;
}
