/** What somebody is told of, as data: each alarm with what it means and what to do. */

import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../functions/list.ts';
import {
  FUNCTION_DIMENSION,
  METRICS,
  METRICS_NAMESPACE,
  type Metric as Name,
} from '../../functions/metrics.ts';
import type { Deployment } from '../deployment.ts';
import type { AuditFunction } from '../parts/function.ts';

export interface AlarmFacts {
  readonly id: string;
  /** What is the matter, and what to do. */
  readonly means: string;
  readonly metric: IMetric;
  /** It rings from this value on. */
  readonly from: number;
  readonly periods?: number;
  /** Silence is what rings: the value is too low, or there is none. */
  readonly silence?: true;
}

/** A metric of functions/metrics.ts. */
export const measured = (
  of: FunctionName,
  name: Name,
  statistic: string,
  period: Duration = Duration.minutes(5),
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap: { [FUNCTION_DIMENSION]: of },
    statistic,
    period,
  });

const DAY = Duration.days(1);
const QUARTER = Duration.minutes(15);

/**
 * Runs that failed: those that Lambda knows of (killed, out of time or memory), and those that ended in good order though
 * what they were to do failed, such as a connector whose credentials have ended.
 */
export function failures(name: FunctionName, made: Lambda, period: Duration): IMetric {
  const errors = made.metricErrors({ statistic: Stats.SUM, period, label: name });
  if (!(METRICS.failures.from as readonly FunctionName[]).includes(name)) return errors;
  return new MathExpression({
    label: name,
    expression: `MAX([FILL(errors${name}, 0), FILL(failures${name}, 0)])`,
    usingMetrics: {
      [`errors${name}`]: errors,
      [`failures${name}`]: measured(name, 'failures', Stats.SUM, period),
    },
    period,
  });
}

export function alarmFacts(
  { configuration }: Deployment,
  made: ReadonlyMap<FunctionName, AuditFunction>,
  queues: ReadonlyMap<string, { readonly queue: Queue; readonly dead: Queue }>,
  failed: Queue,
): AlarmFacts[] {
  const { alarms, stamp } = configuration;
  const { lagMinutes, silenceMinutes } = alarms;
  const waiting = (id: string, queue: Queue, means: string): AlarmFacts => ({
    id,
    means,
    metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM }),
    from: 1,
  });
  return [
    {
      id: 'Lag',
      means: `What is sealed was received more than ${lagMinutes} minutes before. Look at the sealer's log and at "pending".`,
      metric: measured('seal', 'lagSeconds', Stats.MAXIMUM),
      from: lagMinutes * 60,
    },
    {
      id: 'SealerSilent',
      means: `No seal has ended for ${silenceMinutes} minutes: nothing new can be queried. Evidence is still preserved.`,
      metric: measured('seal', 'seconds', Stats.SAMPLE_COUNT, Duration.minutes(silenceMinutes)),
      from: 1,
      silence: true,
    },
    {
      id: 'Gaps',
      means:
        'Hours in which something expected is missing: `akashi coverage` names source, account and region.',
      metric: measured('verify', 'gaps', Stats.MAXIMUM, DAY),
      from: 1,
    },
    {
      id: 'Problems',
      means:
        'Something in the lake was altered, removed or added: `akashi verify` names it. Treat it as an incident.',
      metric: measured('verify', 'problems', Stats.MAXIMUM, DAY),
      from: 1,
    },
    {
      id: 'Unverified',
      means:
        'No verification has ended for two days. Where its log says that time or memory ran out, run `akashi verify --known F --due` on a machine each day.',
      metric: measured('verify', 'seconds', Stats.SAMPLE_COUNT, DAY),
      from: 1,
      periods: 2,
      silence: true,
    },
    // The first failure rings: some functions run once an hour, and none fails when all is well.
    ...[...made].map(
      ([name, { function: made }]): AlarmFacts => ({
        id: `Failures-${name}`,
        means: `A run of ${name} failed: its log says why. What was preserved is safe, and the next run goes on where it stopped.`,
        metric: failures(name, made, QUARTER),
        from: 1,
      }),
    ),
    ...(['collect', 'ingest'] as const).flatMap((name): AlarmFacts[] =>
      made.has(name)
        ? [
            {
              id: `Missed-${name}`,
              means: `${name} was told of something that it could not fetch, again and again: its log names it. It is asked for until it comes.`,
              metric: measured(name, 'missed', Stats.SUM, QUARTER),
              from: 1,
              periods: 2,
            },
          ]
        : [],
    ),
    ...[...queues].flatMap(([name, { queue, dead }]) => [
      waiting(
        `Dead-${name}`,
        dead,
        `Messages of ${name} that nobody could take: \`akashi redrive\` once the reason is mended.`,
      ),
      {
        id: `Old-${name}`,
        means: `Messages of ${name} wait for more than ${lagMinutes} minutes.`,
        metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM }),
        from: lagMinutes * 60,
      },
    ]),
    waiting(
      'Failed',
      failed,
      'Runs that a schedule began and that failed wait in the queue of failed calls.',
    ),
    ...(stamp.authority === undefined
      ? []
      : [
          {
            id: 'StampSilent',
            means: 'No attempt at a time-stamp has ended for a day.',
            metric: measured('stamp', 'seconds', Stats.SAMPLE_COUNT, DAY),
            from: 1,
            silence: true as const,
          },
        ]),
  ];
}

export const alarmOf = (scope: Construct, prefix: string, facts: AlarmFacts): Alarm =>
  new Alarm(scope, facts.id, {
    alarmName: `${prefix}-${facts.id}`,
    alarmDescription: facts.means,
    metric: facts.metric,
    threshold: facts.from,
    evaluationPeriods: facts.periods ?? 1,
    comparisonOperator:
      facts.silence === undefined
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData:
      facts.silence === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
  });
