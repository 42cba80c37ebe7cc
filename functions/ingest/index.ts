/** COLLECT from buckets that tell of their objects: what messages name is preserved, the sealer is woken. */

import partialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { SQSEvent } from 'aws-lambda';
import { preserveFeeds } from '../../stages/preserve.ts';
import { functionCustodian } from '../parts/custodian.ts';
import { abortBefore } from '../parts/deadline.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';
import { tell } from '../parts/preserved.ts';
import { wake } from '../parts/wake.ts';
import { feedsOf, outcomes } from './messages.ts';

/** For what is under way to be preserved. */
const MARGIN_MILLIS = 20_000;

const lake = lakeFor('write');

/** Resolves to an outcome for each message; those that failed come back, and end in the dead-letter queue. */
export const handler = powered(
  'ingest',
  async ({ Records }: SQSEvent, run): Promise<PromiseSettledResult<void>[]> => {
    const done = new Set<string>();
    const { feeds, refused } = feedsOf(Records, done);
    const by = functionCustodian(run.context);
    const signal = abortBefore(run.context, MARGIN_MILLIS);
    const results = await preserveFeeds(await lake(), feeds, { by, signal });
    for (const result of results) tell(result, run);
    for (const [message, problem] of refused) run.logger.error('left in its queue', { message, problem });
    run.measure({ missed: refused.size });
    if (results.some(({ arrived }) => arrived > 0)) await wake(run);
    return outcomes(Records, done, refused);
  },
  // What was left is told above, without the message.
  partialBatchFailure({ logger: () => {} }),
);
