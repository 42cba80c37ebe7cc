/** STAMP: sealed checkpoints are time-stamped by an authority, where one is named. */

import { Construct } from 'constructs';
import type { AuditFunction } from '../parts/function.ts';
import { Schedules } from '../parts/schedule.ts';
import type { StageProps } from './normalise.ts';

export class Stamp extends Construct {
  readonly stamp: AuditFunction;

  constructor(
    scope: Construct,
    id: string,
    { deployment, preserve, functions, wakeUrl }: StageProps,
    authority: string,
  ) {
    super(scope, id);
    const { stamp } = deployment.configuration;
    this.stamp = functions.make(this, 'stamp', {
      AKASHI_LAKE: preserve.lake,
      AKASHI_WAKE_QUEUE: wakeUrl,
      AKASHI_TSA: authority,
      ...(stamp.roots === undefined ? {} : { AKASHI_TSA_ROOTS: stamp.roots }),
      ...(stamp.authorization === undefined ? {} : { AKASHI_TSA_SECRET: stamp.authorization }),
    });
    new Schedules(this, 'Schedules', deployment, {
      function: this.stamp,
      failed: functions.failed,
      runs: [{ name: 'stamp', everyMinutes: stamp.everyMinutes, event: {} }],
    });
  }
}
