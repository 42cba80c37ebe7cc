/** Ending in good order before Lambda does it otherwise. */

import type { Context } from 'aws-lambda';

type Clock = Pick<Context, 'getRemainingTimeInMillis'>;

/** Aborts so many milliseconds before the function's limit. */
export const abortBefore = (context: Clock, marginMillis: number): AbortSignal =>
  AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - marginMillis));

/** Whether less than so many milliseconds are left. */
export const isNear = (context: Clock, marginMillis: number): boolean =>
  context.getRemainingTimeInMillis() < marginMillis;
