/** The queue that wakes the sealer: in order and one group, so that one sealer drains what all of collect preserved. */

import type { Construct } from 'constructs';
import { functionNamed, type Trigger } from '../../functions/list.ts';
import type { Deployment } from '../deployment.ts';
import { wakeQueueName } from '../names.ts';
import { QueueWithDeadLetters } from '../parts/queue.ts';

const SLACK_SECONDS = 60;

export const wakeTrigger = functionNamed('seal').triggers.find(
  (one): one is Trigger & { kind: 'wake-queue' } => one.kind === 'wake-queue',
)!;

/**
 * Hidden no longer than one run may take: while a message is hidden its group waits, and of a sealer that was killed the
 * next one must know soon.
 */
export const wakeQueue = (
  scope: Construct,
  id: string,
  { configuration }: Deployment,
): QueueWithDeadLetters =>
  new QueueWithDeadLetters(scope, id, {
    name: wakeQueueName(configuration),
    hiddenSeconds: functionNamed('seal').timeoutSeconds + SLACK_SECONDS,
    maxReceives: wakeTrigger.maxReceives,
    delaySeconds: configuration.seal.everySeconds,
  });
