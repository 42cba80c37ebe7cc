/** The alarms of a deployment, out of the template that it is made from: thresholds, periods, what missing data means. */

import type { AuditTrailConfiguration } from '../infra/configuration.ts';
import type { Alarm } from './metrics.ts';

/**
 * As the stage has it: two buckets that tell of their objects, and an authority. What lasts takes as long in a rehearsal as
 * elsewhere, whatever its hour takes: two minutes of waiting are long here, and within an hour of one minute the sealer has
 * time for a few runs only.
 */
const CONFIGURATION: AuditTrailConfiguration = {
  region: 'eu-central-1',
  retention: 30,
  connectors: [
    { connector: 'aws.cloudtrail', name: 'trail', delivery: 'bucket', bucket: 'example-trail' },
    { connector: 'aws.vpcflow', name: 'flows', delivery: 'bucket', bucket: 'example-flows' },
  ].map((entry) => ({ ...entry, bucketOwner: '111122223333' })),
  stamp: { authority: 'https://tsa.example.com' },
  alarms: { lagMinutes: 2, silenceMinutes: 120 },
};

/** Before the names of everything in a deployment, and of its object queues. */
const PREFIX = /^akashi-(?:objects-)?/;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Dimension {
  readonly Name: string;
  readonly Value: string | { readonly Ref?: string; readonly 'Fn::GetAtt'?: readonly string[] };
}

/** CDK is loaded only here: it takes seconds. */
export async function deployedAlarms(): Promise<Alarm[]> {
  const { synthesised } = await import('../test/infra/synthesised.ts');
  const { Resources } = synthesised(CONFIGURATION).template.toJSON() as {
    Resources: Readonly<Record<string, Resource>>;
  };
  return alarmsOf(Resources);
}

/** One for each metric that can make it ring: several of a name where the greatest of several counts. */
export function alarmsOf(resources: Readonly<Record<string, Resource>>): Alarm[] {
  const named = ({ Name, Value }: Dimension): [string, string] => {
    if (typeof Value === 'string') return [Name, Value];
    const id = Value.Ref ?? Value['Fn::GetAtt']?.[0] ?? '';
    const properties = resources[id]?.Properties ?? {};
    const name = String(properties['FunctionName'] ?? properties['QueueName'] ?? id);
    return [Name, name.replace(PREFIX, '').replace(/\.fifo$/, '')];
  };
  return Object.values(resources).flatMap(({ Type, Properties = {} }) => {
    if (Type !== 'AWS::CloudWatch::Alarm') return [];
    return metricsOf(Properties).flatMap(({ Namespace, MetricName, Dimensions = [], Stat, Period }) =>
      Stat === 'Maximum' || Stat === 'Sum' || Stat === 'SampleCount'
        ? [
            {
              name: String(Properties['AlarmName']).replace(PREFIX, ''),
              namespace: Namespace,
              metric: MetricName,
              dimensions: Object.fromEntries(Dimensions.map(named)),
              statistic: Stat,
              comparison:
                Properties['ComparisonOperator'] === 'LessThanThreshold'
                  ? 'LessThanThreshold'
                  : 'GreaterThanOrEqualToThreshold',
              threshold: Number(Properties['Threshold']),
              periodSeconds: Period,
              periods: Number(Properties['EvaluationPeriods']),
              missing: Properties['TreatMissingData'] === 'breaching' ? 'breaching' : 'notBreaching',
            } satisfies Alarm,
          ]
        : [],
    );
  });
}

interface Measured {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Stat?: string;
  readonly Period: number;
}

interface Query {
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: Omit<Measured, 'Stat' | 'Period'>;
    readonly Stat: string;
    readonly Period: number;
  };
}

/** A metric of its own, or those of an expression that is their maximum; none for other expressions. */
function metricsOf(properties: Readonly<Record<string, unknown>>): Measured[] {
  const queries = properties['Metrics'] as readonly Query[] | undefined;
  if (queries === undefined)
    return [{ ...(properties as unknown as Measured), Stat: String(properties['Statistic']) }];
  if (queries.some(({ Expression }) => Expression !== undefined && !Expression.startsWith('MAX('))) return [];
  return queries.flatMap(({ MetricStat }) =>
    MetricStat === undefined
      ? []
      : [{ ...MetricStat.Metric, Stat: MetricStat.Stat, Period: MetricStat.Period }],
  );
}
