/** What one `execute` can do, and what it costs. */

import { priceOf } from '../../cost/prices.ts';
import type { OneFunction } from '../../engine/athena/choose.ts';
import type { Order } from '../../engine/order.ts';
import { estimate } from '../../engine/plan/estimate.ts';
import { functionNamed } from '../list.ts';

/** Left of its time for its own start, and for what an estimate is short of. */
const TIME_SHARE = 0.7;
/** Left of its disk for what a statement itself puts there. */
const DISK_SHARE = 0.75;

const { timeoutSeconds, scratchMegabytes, memoryMegabytes } = functionNamed('execute');

export const ONE_EXECUTE: OneFunction = {
  seconds: timeoutSeconds * TIME_SHARE,
  bytes: scratchMegabytes * 2 ** 20 * DISK_SHARE,
};

/** What an order takes, as a plan says it. */
export function extentOfOrder({ read }: Pick<Order, 'read'>): {
  readonly bytes: number;
  readonly fetchBytes: number;
  readonly seconds: number;
} {
  const { bytes, requests, files } = read;
  const { seconds } = estimate({ bytes, fetchBytes: bytes, requests, files, elsewhere: true });
  return { bytes, fetchBytes: bytes, seconds };
}

/** US dollars at list prices of us-east-1: the executor's time as it was waited for, and its requests to the vault. */
export const executedDollars = ({ requests }: Order['read'], seconds: number): number =>
  requests * priceOf('s3.get', 'us-east-1') +
  priceOf('lambda.request', 'us-east-1') +
  seconds * (memoryMegabytes / 1024) * priceOf('lambda.arm64.gb-second', 'us-east-1');
