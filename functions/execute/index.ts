/** EXECUTE: one admitted statement over the parts it was given links to, in a process of its own. Nothing else can be read. */

import { availableParallelism } from 'node:os';
import { type QueryLimits, withDefaults } from '../../engine/limits.ts';
import type { Order } from '../../engine/order.ts';
import { isolationHere } from '../../engine/sandbox/isolation.ts';
import { abortBefore } from '../parts/deadline.ts';
import { type Packed, pack, unpack } from '../parts/payload.ts';
import { powered } from '../parts/powered.ts';
import { answerTo } from './answer.ts';

/** For the answer to be packed. */
const MARGIN_MILLIS = 5000;
/** What this process itself holds: the rest of the function's memory is the statement's. */
const OWN_BYTES = 320 * 2 ** 20;

export const handler = powered('execute', async (event: Packed, run): Promise<Packed> => {
  const order = unpack<Order>(event);
  const { maxRows, maxBytes } = order.job;
  const { context } = run;
  const limits: QueryLimits = withDefaults({
    maxRows,
    maxBytes,
    memoryBytes: Number(context.memoryLimitInMB) * 2 ** 20 - OWN_BYTES,
    timeoutMillis: Math.max(1, Math.floor(context.getRemainingTimeInMillis() - MARGIN_MILLIS)),
    threads: availableParallelism(),
  });
  const answer = await answerTo(order, limits, abortBefore(context, MARGIN_MILLIS));
  run.logger.info('executed', { ...order.read, kind: answer.kind, isolation: await isolationHere() });
  return pack(answer);
});
