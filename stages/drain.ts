/** SEAL what waits, for processes that may run beside each other and whose time is limited. */

import { hasCode } from '../ledger/store.ts';
import type { Lake } from '../vault/lake.ts';
import { type CollectOptions, type CollectResult, collect } from './collect.ts';

export interface DrainOptions extends Pick<CollectOptions, 'runJob' | 'threads' | 'now'> {
  /** Once it says so, nothing more is begun: what is under way is sealed, the rest is left. */
  readonly enough: () => boolean;
}

export interface Drained {
  /** Null when other sealers were faster until the time was up. */
  readonly result: CollectResult | null;
  /** Times that another sealer was faster. */
  readonly lost: number;
  /** Whether something may be left: whoever drains asks to be woken again. */
  readonly again: boolean;
}

/** Whether another sealer swapped the head first: to begin again with what it left is all that is needed. */
export const anotherWasFaster = (error: unknown): boolean =>
  hasCode(error, 'LAKE_CHANGED') || hasCode(error, 'STORE_CHANGED');

/**
 * Takes all that is pending through NORMALISE, STORE and SEAL. The swap of the head alone decides between sealers at work
 * at the same time: who loses it begins again with what the winner left, so that nothing is lost and nothing doubled.
 */
export async function drain(lake: Lake, options: DrainOptions): Promise<Drained> {
  const { enough } = options;
  for (let lost = 0; ; lost++) {
    if (enough()) return { result: null, lost, again: true };
    try {
      const result = await collect(lake, [], options);
      return { result, lost, again: result.leftObjects > 0 };
    } catch (error) {
      if (!anotherWasFaster(error)) throw error;
    }
  }
}
