/** PULL: what is new at live places is preserved, then all that waits goes through the other stages. */

import type { ConfiguredFeed } from '../connectors/configured.ts';
import type { Lake } from '../vault/lake.ts';
import { type CollectOptions, type CollectResult, collect } from './collect.ts';
import { type FeedResult, type PreserveOptions, preserveFeeds } from './preserve.ts';

export interface PullOptions extends PreserveOptions, Pick<CollectOptions, 'limits' | 'threads'> {}

export interface PullResult extends CollectResult {
  feeds: FeedResult[];
}

/**
 * Pulls every feed, a few at once; one that fails leaves the others alone. Throws LAKE_LOCKED when another writer is at
 * work: what was fetched is preserved and sealed by whoever writes next.
 */
export async function pull(
  lake: Lake,
  feeds: readonly ConfiguredFeed[],
  options: PullOptions = {},
): Promise<PullResult> {
  const { now, limits, threads } = options;
  const started = performance.now();
  const preserved = await preserveFeeds(lake, feeds, options);
  const result = await collect(lake, [], {
    ...(now === undefined ? {} : { now }),
    ...(limits === undefined ? {} : { limits }),
    ...(threads === undefined ? {} : { threads }),
  });
  return { ...result, seconds: (performance.now() - started) / 1000, feeds: preserved };
}
