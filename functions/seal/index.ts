/** SEAL: everything pending becomes rows, tables and ledger entries; what there was no time for wakes the next run. */

import { type Drained, drain } from '../../stages/drain.ts';
import type { Lake } from '../../vault/lake.ts';
import { type Remembering, remembering } from '../../vault/remembering.ts';
import { readEnvironment } from '../environment.ts';
import { functionNamed } from '../list.ts';
import { isNear } from '../parts/deadline.ts';
import { lakeFor } from '../parts/lake.ts';
import { type Measures, powered } from '../parts/powered.ts';
import { wakeAgain } from '../parts/wake.ts';
import { normaliseElsewhere } from './normalise-elsewhere.ts';

/** For the batches under way and their seal. */
const MARGIN_MILLIS = 150_000;

/** Of the function's memory, for what the next seal would read again. */
const REMEMBERED_SHARE = 0.4;

const lake = lakeFor('write');
let remembered: { readonly of: Lake; readonly memory: Remembering } | null = null;

/** The same for as long as the instance lives, so that it knows at each seal what it did at the one before. */
async function openedLake(): Promise<Remembering> {
  const of = await lake();
  if (remembered?.of !== of) {
    const bytes = REMEMBERED_SHARE * functionNamed('seal').memoryMegabytes * 2 ** 20;
    remembered = { of, memory: remembering(of, bytes) };
  }
  return remembered.memory;
}

export const handler = powered('seal', async (_event: unknown, run): Promise<Drained> => {
  const { AKASHI_NORMALISE_FUNCTION: elsewhere } = readEnvironment([
    'AKASHI_SIGNING_KEY',
    'AKASHI_NORMALISE_FUNCTION',
  ]);
  const { lake: opened, forget } = await openedLake();
  const onFailure = (error: Error) => run.logger.warn('rows are made here instead', { error });
  const drained = await drain(opened, {
    enough: () => isNear(run.context, MARGIN_MILLIS),
    ...(elsewhere === undefined ? {} : { runJob: normaliseElsewhere(opened, elsewhere, onFailure) }),
  }).catch((error: unknown) => {
    forget();
    throw error;
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
