/** PULL: what is new at live places is preserved, then all that waits goes through the other stages. */

import type { ConfiguredFeed } from '../connectors/configured.ts';
import type { Lake } from '../vault/lake.ts';
import { type CollectOptions, type CollectResult, collect } from './collect.ts';
import { anotherWasFaster } from './drain.ts';
import { type FeedResult, type PreserveOptions, preserveFeeds } from './preserve.ts';

/** Times in a row that another sealer may be faster. */
const MOST_LOST = 10;

export interface PullOptions extends PreserveOptions, Pick<CollectOptions, 'limits' | 'threads'> {}

export interface PullResult extends CollectResult {
  feeds: FeedResult[];
}

/**
 * Pulls every feed, a few at once; one that fails leaves the others alone. Throws LAKE_LOCKED when another writer is at
 * work on this machine, and LAKE_CHANGED when others elsewhere were faster again and again: what was fetched is preserved
 * and sealed by whoever writes next.
 */
export async function pull(
  lake: Lake,
  feeds: readonly ConfiguredFeed[],
  options: PullOptions = {},
): Promise<PullResult> {
  const { now, limits, threads } = options;
  const started = performance.now();
  const preserved = await preserveFeeds(lake, feeds, options);
  const result = await sealed(lake, {
    ...(now === undefined ? {} : { now }),
    ...(limits === undefined ? {} : { limits }),
    ...(threads === undefined ? {} : { threads }),
  });
  return { ...result, seconds: (performance.now() - started) / 1000, feeds: preserved };
}

/** Begins again where another sealer was faster, as the functions of a deployment are that share the lake. */
async function sealed(lake: Lake, options: CollectOptions): Promise<CollectResult> {
  for (let lost = 0; ; lost++) {
    try {
      return await collect(lake, [], options);
    } catch (error) {
      if (lost === MOST_LOST || !anotherWasFaster(error)) throw error;
    }
  }
}
