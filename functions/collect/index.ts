/** COLLECT on a schedule: what is new at one place is preserved, its cursor moves, the sealer is woken. */

import { z } from 'zod';
import { configuredFeed } from '../../connectors/configured.ts';
import { type FeedResult, preserveFeeds } from '../../stages/preserve.ts';
import { connectorEntry } from '../environment.ts';
import { functionCustodian } from '../parts/custodian.ts';
import { abortBefore } from '../parts/deadline.ts';
import { parsedEvent } from '../parts/event.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';
import { tell } from '../parts/preserved.ts';
import { wake } from '../parts/wake.ts';

/** For what is under way to be preserved, and for cursors to be saved. */
const MARGIN_MILLIS = 30_000;

const EVENT = z.object({ connector: connectorEntry });
const lake = lakeFor('write');

export const handler = powered('collect', async (event: unknown, run): Promise<FeedResult> => {
  const feed = configuredFeed(parsedEvent('collect', EVENT, event).connector, 'the schedule’s event');
  const by = functionCustodian(run.context);
  const signal = abortBefore(run.context, MARGIN_MILLIS);
  const [result] = await preserveFeeds(await lake(), [feed], { by, signal });
  tell(result!, run);
  if (result!.arrived > 0) await wake(run);
  return result!;
});
