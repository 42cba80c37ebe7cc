/** One dashboard: lag, gaps, failures and cost on one page, alarms above all. */

import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  MathExpression,
  Metric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { priceOf, REGIONS, type Region } from '../../cost/prices.ts';
import {
  CONNECTOR_DIMENSION,
  FUNCTION_DIMENSION,
  METRICS_NAMESPACE,
  type Metric as Name,
} from '../../functions/metrics.ts';
import type { Deployment } from '../deployment.ts';
import type { AuditFunction } from '../parts/function.ts';
import { failures, measured } from './alarms.ts';
import type { Functions } from './functions.ts';

/** Prices of a month by what CloudWatch calls the class. */
const S3_GB_MONTH = {
  StandardStorage: 's3.standard.gb-month',
  IntelligentTieringFAStorage: 's3.tiering.frequent.gb-month',
  IntelligentTieringIAStorage: 's3.tiering.infrequent.gb-month',
  IntelligentTieringAIAStorage: 's3.tiering.archive-instant.gb-month',
  GlacierInstantRetrievalStorage: 's3.instant.gb-month',
} as const;
/** Of a region whose prices are not known here, those of us-east-1 are shown, and said to be. */
const pricesOf = ({ configuration: { region } }: Deployment): Region =>
  REGIONS.find((one) => one === region) ?? 'us-east-1';
const GB = 1024 ** 3;

const FIVE = Duration.minutes(5);
const HOUR = Duration.hours(1);
const DAY = Duration.days(1);

export function dashboard(
  scope: Construct,
  deployment: Deployment,
  { made, failed }: Functions,
  queues: ReadonlyMap<string, { readonly queue: Queue; readonly dead: Queue }>,
  alarms: readonly Alarm[],
): Dashboard {
  const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
    new GraphWidget({ title, left, right, width: 8, height: 6 });
  const one = (title: string, metrics: IMetric[]) =>
    new SingleValueWidget({ title, metrics, width: 8, height: 4 });
  const prices = pricesOf(deployment);
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: deployment.configuration.name,
    widgets: [
      [
        new AlarmStatusWidget({
          title: 'Alarms',
          alarms: alarms as unknown as IAlarm[],
          width: 24,
          height: 4,
        }),
      ],
      [
        one('Lag', [
          measured('seal', 'lagSeconds', Stats.MAXIMUM),
          measured('seal', 'pending', Stats.MAXIMUM),
        ]),
        one('Gaps and problems', [
          measured('verify', 'gaps', Stats.MAXIMUM, DAY),
          measured('verify', 'problems', Stats.MAXIMUM, DAY),
        ]),
        one(
          'Failures in the last hour',
          [...made].map(([name, { function: of }]) => failures(name, of, HOUR)),
        ),
      ],
      [
        graph('Lag, seconds', [
          measured('seal', 'lagSeconds', Stats.p(95)),
          measured('seal', 'lagSeconds', Stats.MAXIMUM),
        ]),
        graph(
          'Rows',
          [measured('seal', 'events', Stats.SUM), measured('seal', 'flows', Stats.SUM)],
          [measured('seal', 'unreadable', Stats.SUM), measured('seal', 'skipped', Stats.SUM)],
        ),
        graph(
          'Bytes preserved',
          [measured('collect', 'bytes', Stats.SUM), measured('ingest', 'bytes', Stats.SUM)],
          [measured('collect', 'missed', Stats.SUM), measured('ingest', 'missed', Stats.SUM)],
        ),
      ],
      [
        graph(
          'Failures',
          [...made].map(([name, { function: of }]) => failures(name, of, FIVE)),
          [ofConnectors('failures')],
        ),
        graph(
          'Messages that wait',
          [...queues].map(([name, { queue }]) =>
            queue.metricApproximateNumberOfMessagesVisible({ label: name }),
          ),
          [
            failed.metricApproximateNumberOfMessagesVisible({ label: 'failed calls' }),
            ...[...queues].map(([name, { dead }]) =>
              dead.metricApproximateNumberOfMessagesVisible({ label: `${name}: dead letters` }),
            ),
          ],
        ),
        graph(
          'Time of runs, milliseconds',
          [...made.values()].map(({ function: one, facts }) =>
            one.metricDuration({ label: facts.name, statistic: Stats.p(95) }),
          ),
        ),
      ],
      [
        graph(`Cost of functions, USD an hour (${prices})`, [functionCost([...made.values()], prices)]),
        graph(`Cost of storage, USD a month (${prices})`, [storageCost(deployment, prices)]),
        graph(
          'Read by questions, bytes',
          [measured('query', 'readBytes', Stats.SUM, HOUR)],
          [
            new Metric({
              namespace: 'AWS/Athena',
              metricName: 'ProcessedBytes',
              dimensionsMap: { WorkGroup: deployment.configuration.name },
              statistic: Stats.SUM,
              period: HOUR,
            }),
          ],
        ),
      ],
    ],
  });
}

/** A metric of every connector that has told of it. */
const ofConnectors = (metric: Name): MathExpression =>
  new MathExpression({
    label: '',
    expression: `SEARCH('{${METRICS_NAMESPACE},${FUNCTION_DIMENSION},${CONNECTOR_DIMENSION}} MetricName="${metric}"', 'Sum', 300)`,
    usingMetrics: {},
    period: FIVE,
  });

/** By published prices, without the free tier: what the bill says is the bill's affair. */
function functionCost(functions: readonly AuditFunction[], region: Region): MathExpression {
  const gbSecond = priceOf('lambda.arm64.gb-second', region);
  const request = priceOf('lambda.request', region);
  const usingMetrics = Object.fromEntries(
    functions.flatMap(({ function: one }, at) => [
      [`d${at}`, one.metricDuration({ statistic: Stats.SUM, period: HOUR })],
      [`n${at}`, one.metricInvocations({ statistic: Stats.SUM, period: HOUR })],
    ]),
  );
  const terms = functions.map(({ facts }, at) => {
    const perMilli = ((facts.memoryMegabytes / 1024) * gbSecond) / 1000;
    return `FILL(d${at}, 0) * ${perMilli.toFixed(12)} + FILL(n${at}, 0) * ${request.toFixed(7)}`;
  });
  return new MathExpression({
    label: 'all functions',
    expression: terms.join(' + '),
    usingMetrics,
    period: HOUR,
  });
}

function storageCost({ bucket }: Deployment, region: Region): MathExpression {
  const parts = (['vault', 'state', 'exports'] as const).flatMap((kind) =>
    Object.entries(S3_GB_MONTH).map(([StorageType, unit], at) => ({
      id: `${kind}${at}`,
      price: priceOf(unit, region),
      metric: new Metric({
        namespace: 'AWS/S3',
        metricName: 'BucketSizeBytes',
        dimensionsMap: { BucketName: bucket(kind), StorageType },
        statistic: Stats.AVERAGE,
        period: DAY,
      }),
    })),
  );
  return new MathExpression({
    label: 'vault, state and exports',
    expression: parts.map(({ id, price }) => `FILL(${id}, 0) / ${GB} * ${price}`).join(' + '),
    usingMetrics: Object.fromEntries(parts.map(({ id, metric }) => [id, metric])),
    period: DAY,
  });
}
