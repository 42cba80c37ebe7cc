/** Alarms as a deployment has them, for who cannot read them from a template: which one stands for what. */

import { FUNCTIONS } from '../functions/list.ts';
import { METRICS_NAMESPACE } from '../functions/metrics.ts';
import type { Alarm } from './metrics.ts';

const PERIOD_SECONDS = 60;

export const ALARMS: readonly Alarm[] = [
  ...FUNCTIONS.map(
    ({ name }): Alarm => ({
      name: `errors-${name}`,
      namespace: 'AWS/Lambda',
      metric: 'Errors',
      dimensions: { FunctionName: name },
      statistic: 'Sum',
      comparison: 'at least',
      threshold: 1,
      periodSeconds: PERIOD_SECONDS,
    }),
  ),
  ...['trail', 'flows', 'wake'].map(
    (queue): Alarm => ({
      name: `dead-letters-${queue}`,
      namespace: 'AWS/SQS',
      metric: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: `${queue}-dead` },
      statistic: 'Maximum',
      comparison: 'at least',
      threshold: 1,
      periodSeconds: PERIOD_SECONDS,
    }),
  ),
  {
    name: 'missed',
    namespace: METRICS_NAMESPACE,
    metric: 'missed',
    dimensions: {},
    statistic: 'Sum',
    comparison: 'at least',
    threshold: 1,
    periodSeconds: PERIOD_SECONDS,
  },
  {
    name: 'lag',
    namespace: METRICS_NAMESPACE,
    metric: 'lagSeconds',
    dimensions: {},
    statistic: 'Maximum',
    comparison: 'over',
    threshold: 300,
    periodSeconds: PERIOD_SECONDS,
  },
];
