/**
 * Waking the sealer: a message in a FIFO queue of one group. All that are sent within some seconds count as one, which the
 * queue holds back for as long, so that whatever was preserved before any of them is there when it is delivered.
 */

import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readEnvironment } from '../environment.ts';
import { WAKE_WINDOW_SECONDS } from '../list.ts';
import type { Voice } from './powered.ts';

const GROUP = 'seal';
let client: SQSClient | undefined;

/** Something waits to be sealed. */
export function wake(voice: Voice, now = Date.now()): Promise<void> {
  const { AKASHI_WAKE_SECONDS: seconds = WAKE_WINDOW_SECONDS } = readEnvironment(['AKASHI_WAKE_SECONDS']);
  return send(`wake-${Math.floor(now / (seconds * 1000))}`, voice);
}

/** The sealer had no time for all that waits. Never taken for another wake-up. */
export const wakeAgain = (voice: Voice): Promise<void> => send(`again-${randomUUID()}`, voice);

/** What waits is durable, and the sealer's schedule finds it later: a queue that refuses fails nothing. */
async function send(id: string, { logger }: Voice): Promise<void> {
  const { AKASHI_WAKE_QUEUE: queue } = readEnvironment(['AKASHI_WAKE_QUEUE']);
  if (queue === undefined) return;
  client ??= new SQSClient({});
  try {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queue,
        MessageBody: JSON.stringify({ wake: id }),
        MessageGroupId: GROUP,
        MessageDeduplicationId: id,
      }),
    );
  } catch (error) {
    logger.warn('the sealer could not be woken; its schedule will find what waits', {
      error: error as Error,
    });
  }
}
