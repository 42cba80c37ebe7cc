/** OPERATE: a topic that alarms go to, the alarms, and one dashboard: lag, gaps, failures, cost. */

import { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import type { Keys } from '../parts/keys.ts';
import { type AlarmFacts, alarmFacts, alarmOf } from './alarms.ts';
import { dashboard } from './dashboard.ts';
import type { Functions } from './functions.ts';
import { tamperingAlarms } from './tampering.ts';

export interface OperateProps {
  readonly keys: Keys;
  readonly functions: Functions;
  /** By the name of what they are for. */
  readonly queues: ReadonlyMap<string, { readonly queue: Queue; readonly dead: Queue }>;
}

export class Operate extends Construct {
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    { keys, functions, queues }: OperateProps,
  ) {
    super(scope, id);
    const { configuration, account } = deployment;
    this.topic = new Topic(this, 'Topic', {
      topicName: `${configuration.name}-alarms`,
      displayName: `${configuration.name}: alarms`,
      masterKey: keys.encryption,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    for (const address of configuration.alarms.email)
      this.topic.addSubscription(new EmailSubscription(address));
    const facts = [
      ...alarmFacts(deployment, functions.made, queues, functions.failed),
      ...tamperingAlarms(this, deployment, keys, this.topic as ITopic),
      ...replication(deployment),
    ];
    const topics: ITopic[] = [
      this.topic as ITopic,
      ...(configuration.alarms.topic === undefined
        ? []
        : [Topic.fromTopicArn(this, 'OtherTopic', configuration.alarms.topic)]),
    ];
    const actions: IAlarmAction[] = topics.map((topic) => new SnsAction(topic));
    const alarms = facts.map((one) => {
      const alarm = alarmOf(this, configuration.name, one);
      alarm.addAlarmAction(...actions);
      return alarm;
    });
    dashboard(this, deployment, functions, queues, alarms);
  }
}

function replication({ configuration: { replica }, bucket }: Deployment): AlarmFacts[] {
  if (replica === undefined) return [];
  return [
    {
      id: 'Replication',
      means:
        'Objects of the vault could not be copied to the other account: check its bucket policy and key.',
      metric: new Metric({
        namespace: 'AWS/S3',
        metricName: 'OperationsFailedReplication',
        dimensionsMap: { SourceBucket: bucket('vault'), DestinationBucket: replica.bucket, RuleId: 'vault' },
        statistic: Stats.SUM,
        period: Duration.minutes(15),
      }),
      from: 1,
    },
  ];
}
