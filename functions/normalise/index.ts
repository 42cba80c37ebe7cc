/** NORMALISE and STORE one batch of preserved bodies for the sealer. Nothing it writes is visible before a seal. */

import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { runJob } from '../../stages/job.ts';
import type { Manifest } from '../../vault/manifest.ts';
import { lakeFor } from '../parts/lake.ts';
import { MOST_PACKED, type Packed, pack, unpack } from '../parts/payload.ts';
import { powered } from '../parts/powered.ts';

const lake = lakeFor('read');

export const handler = powered('normalise', async (event: Packed, run): Promise<Packed> => {
  const manifests = unpack<readonly Manifest[]>(event);
  const result = await runJob(await lake(), manifests, EXPANSION_LIMITS);
  run.logger.info('normalised', { bodies: manifests.length });
  const whole = pack(result);
  if (whole.packed.length <= MOST_PACKED) return whole;
  // The sealer makes the index again from the files.
  const { needles: _, ...rest } = result;
  return pack(rest);
});
