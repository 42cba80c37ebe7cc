/** SEAL: one sealer drains what is pending whenever it is woken, and now and then by itself. */

import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { functionName } from '../names.ts';
import type { AuditFunction } from '../parts/function.ts';
import type { Keys } from '../parts/keys.ts';
import type { QueueWithDeadLetters } from '../parts/queue.ts';
import { Schedules } from '../parts/schedule.ts';
import type { StageProps } from './normalise.ts';
import { wakeTrigger } from './wake.ts';

/** As AKASHI_SIGNING_KEY takes it. */
export const signingKey = ({ ledger }: Keys): string => `kms:${ledger.keyArn}`;

export class Seal extends Construct {
  readonly seal: AuditFunction;

  constructor(
    scope: Construct,
    id: string,
    { deployment, preserve, functions, wakeUrl }: StageProps,
    { keys, wake }: { readonly keys: Keys; readonly wake: QueueWithDeadLetters },
  ) {
    super(scope, id);
    const { configuration } = deployment;
    this.seal = functions.make(this, 'seal', {
      AKASHI_LAKE: preserve.lake,
      AKASHI_SIGNING_KEY: signingKey(keys),
      AKASHI_WAKE_QUEUE: wakeUrl,
      AKASHI_NORMALISE_FUNCTION: functionName(configuration, 'normalise'),
    });
    this.seal.function.addEventSource(new SqsEventSource(wake.queue, { batchSize: wakeTrigger.batchSize }));
    new Schedules(this, 'Schedules', deployment, {
      function: this.seal,
      failed: functions.failed,
      runs: [{ name: 'seal', everyMinutes: configuration.seal.everyMinutes, event: {} }],
    });
  }
}
