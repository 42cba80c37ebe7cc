/**
 * The alarms of a deployment, out of the template that it is made from. Those that silence rings are left out: here there are
 * schedules without a pause, on a machine that may be slow.
 */

import type { AuditTrailConfiguration } from '../infra/configuration.ts';
import type { Alarm } from './metrics.ts';

/** As the stage has it: two buckets that tell of their objects. */
const CONFIGURATION: AuditTrailConfiguration = {
  region: 'eu-central-1',
  retention: 30,
  connectors: [
    { connector: 'aws.cloudtrail', name: 'trail', delivery: 'bucket', bucket: 'example-trail' },
    { connector: 'aws.vpcflow', name: 'flows', delivery: 'bucket', bucket: 'example-flows' },
  ].map((entry) => ({ ...entry, bucketOwner: '111122223333' })),
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

export function alarmsOf(resources: Readonly<Record<string, Resource>>): Alarm[] {
  const named = ({ Name, Value }: Dimension): [string, string] => {
    if (typeof Value === 'string') return [Name, Value];
    const id = Value.Ref ?? Value['Fn::GetAtt']?.[0] ?? '';
    const properties = resources[id]?.Properties ?? {};
    const name = String(properties['FunctionName'] ?? properties['QueueName'] ?? id);
    return [Name, name.replace(PREFIX, '').replace(/\.fifo$/, '')];
  };
  return Object.values(resources).flatMap(({ Type, Properties = {} }) => {
    const { Statistic, ComparisonOperator } = Properties;
    const rings = ComparisonOperator === 'GreaterThanOrEqualToThreshold';
    if (Type !== 'AWS::CloudWatch::Alarm' || !rings || (Statistic !== 'Maximum' && Statistic !== 'Sum'))
      return [];
    return [
      {
        name: String(Properties['AlarmName']).replace(PREFIX, ''),
        namespace: String(Properties['Namespace']),
        metric: String(Properties['MetricName']),
        dimensions: Object.fromEntries(((Properties['Dimensions'] ?? []) as Dimension[]).map(named)),
        statistic: Statistic,
        threshold: Number(Properties['Threshold']),
        periodSeconds: Number(Properties['Period']),
        periods: Number(Properties['EvaluationPeriods']),
      },
    ];
  });
}
