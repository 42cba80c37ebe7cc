/** SEAL: everything pending becomes rows, tables and ledger entries; what there was no time for wakes the next run. */

import { type Drained, drain } from '../../stages/drain.ts';
import { readEnvironment } from '../environment.ts';
import { isNear } from '../parts/deadline.ts';
import { lakeFor } from '../parts/lake.ts';
import { type Measures, powered } from '../parts/powered.ts';
import { wakeAgain } from '../parts/wake.ts';
import { normaliseElsewhere } from './normalise-elsewhere.ts';

/** For the batches under way and their seal. */
const MARGIN_MILLIS = 150_000;

const lake = lakeFor('write');

export const handler = powered('seal', async (_event: unknown, run): Promise<Drained> => {
  const { AKASHI_NORMALISE_FUNCTION: elsewhere } = readEnvironment([
    'AKASHI_SIGNING_KEY',
    'AKASHI_NORMALISE_FUNCTION',
  ]);
  const opened = await lake();
  const onFailure = (error: Error) => run.logger.warn('rows are made here instead', { error });
  const drained = await drain(opened, {
    enough: () => isNear(run.context, MARGIN_MILLIS),
    ...(elsewhere === undefined ? {} : { runJob: normaliseElsewhere(opened, elsewhere, onFailure) }),
  });
  run.measure(measuresOf(drained));
  run.logger.info('drained', { ...drained });
  if (drained.again) await wakeAgain(run);
  return drained;
});

function measuresOf({ result, lost }: Drained): Measures {
  if (result === null) return { lostSwaps: lost };
  const { objects, bytes, records, events, flows, skipped, unreadable, leftObjects, inboxProblems } = result;
  return {
    lostSwaps: lost,
    bodies: objects,
    bytes,
    records,
    events,
    flows,
    skipped,
    unreadable,
    pending: leftObjects,
    // What a newer version put there waits for that one, and nothing is wrong with it.
    unrecognised: inboxProblems.filter(({ newer }) => newer !== true).length,
    ...(result.oldestReceipt === null
      ? {}
      : { lagSeconds: Math.max(0, Date.now() - result.oldestReceipt / 1000) / 1000 }),
  };
}
