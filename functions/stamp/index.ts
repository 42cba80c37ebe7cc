/** STAMP: an authority says when the newest checkpoint existed; the next seal puts that on record. */

import { readVkey } from '../../stages/ledger.ts';
import { type StampResult, stampNewest } from '../../stages/stamp.ts';
import { readEnvironment } from '../environment.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';
import { secretText } from '../parts/secret.ts';
import { tsaRoots } from '../parts/tsa.ts';
import { wake } from '../parts/wake.ts';

const lake = lakeFor('write');

export const handler = powered(
  'stamp',
  async (_event: unknown, run): Promise<StampResult | { readonly outcome: 'no authority' }> => {
    const {
      AKASHI_TSA: url,
      AKASHI_TSA_AUTHORIZATION: given,
      AKASHI_TSA_SECRET: secret,
    } = readEnvironment(['AKASHI_TSA', 'AKASHI_TSA_AUTHORIZATION', 'AKASHI_TSA_SECRET']);
    if (url === undefined) return { outcome: 'no authority' };
    const opened = await lake();
    const identity = await readVkey(opened.root);
    if (identity === null) return { outcome: 'never sealed' };
    // Asked for each time: who changes it need not deploy.
    const authorization = secret === undefined ? given : await secretText(secret);
    const result = await stampNewest(opened, identity, {
      url,
      roots: await tsaRoots(opened),
      policies: [],
      ...(authorization === undefined ? {} : { authorization }),
    });
    if (result.outcome === 'stamped') {
      run.measure({ stampAgeSeconds: Math.max(0, Date.now() - result.stamp.time / 1000) / 1000 });
      await wake(run);
    }
    run.logger.info('stamped', { ...result });
    return result;
  },
);
