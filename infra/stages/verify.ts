/** VERIFY: once a day the lake is read against its ledger, and against the head that was found good the day before. */

import { Construct } from 'constructs';
import { functionNamed } from '../../functions/list.ts';
import { KNOWN_KEY } from '../names.ts';
import type { AuditFunction } from '../parts/function.ts';
import { Schedules } from '../parts/schedule.ts';
import type { StageProps } from './normalise.ts';

export class Verify extends Construct {
  readonly verify: AuditFunction;

  constructor(scope: Construct, id: string, { deployment, preserve, functions, wakeUrl }: StageProps) {
    super(scope, id);
    const { roots } = deployment.configuration.stamp;
    this.verify = functions.make(this, 'verify', {
      AKASHI_LAKE: preserve.lake,
      AKASHI_WAKE_QUEUE: wakeUrl,
      AKASHI_KNOWN: `s3://${deployment.bucket('exports')}/${KNOWN_KEY}`,
      ...(roots === undefined ? {} : { AKASHI_TSA_ROOTS: roots }),
    });
    new Schedules(this, 'Schedules', deployment, {
      function: this.verify,
      failed: functions.failed,
      runs: functionNamed('verify').triggers.flatMap((one) =>
        one.kind === 'schedule' ? [{ name: 'verify', everyMinutes: one.everyMinutes, event: {} }] : [],
      ),
    });
  }
}
