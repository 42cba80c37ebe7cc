/** What a run of `collect` or `ingest` tells of a feed. */

import type { FeedResult } from '../../stages/preserve.ts';
import type { Measures, Voice } from './powered.ts';

/** Ends that are no failure: time was up, or another run of the same feed was faster. The next one goes on from there. */
const IN_GOOD_ORDER = new Set(['PULL_ABORTED', 'STORE_CHANGED']);

const isFailure = ({ error }: FeedResult): boolean => error !== null && !IN_GOOD_ORDER.has(error.code);

/** Logs it and counts it, for the function and for the connector. */
export function tell(result: FeedResult, { logger, measure, measureOf }: Voice): void {
  const { name, arrived, bytes, missedCount, missed, error } = result;
  const values: Measures = {
    bodies: arrived,
    bytes,
    missed: missedCount,
    failures: isFailure(result) ? 1 : 0,
  };
  measure(values);
  measureOf(name, values);
  for (const one of missed) logger.warn('could not be fetched', { connector: name, ...one });
  if (isFailure(result)) logger.error('the feed failed', { connector: name, ...error });
  else logger.info('preserved', { ...result, missed: undefined });
}
