/** Whoever turns against keys, locks or schedules is told at once: CloudTrail's own word for it, through EventBridge. */

import { Stack } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { functionName } from '../names.ts';
import type { Keys } from '../parts/keys.ts';
import type { AlarmFacts } from './alarms.ts';

interface Attack {
  readonly id: string;
  readonly means: string;
  readonly source: string;
  readonly events: readonly string[];
  /** Which of CloudTrail's members names what was touched. */
  readonly touches: object;
}

/** One alarm each; EventBridge counts the matches, and the topic is told which call it was. */
export function tamperingAlarms(
  scope: Construct,
  deployment: Deployment,
  keys: Keys,
  topic: ITopic,
): AlarmFacts[] {
  return attacks(deployment, keys).map(({ id, means, source, events, touches }) => {
    const rule = new Rule(scope, id, {
      description: means,
      eventPattern: {
        source: [source],
        detailType: ['AWS API Call via CloudTrail'],
        detail: { eventName: [...events], ...touches },
      },
      targets: [new SnsTopic(topic)],
    });
    return {
      id: `${id}Alarm`,
      means,
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'MatchedEvents',
        dimensionsMap: { RuleName: rule.ruleName },
        statistic: Stats.SUM,
      }),
      from: 1,
    };
  });
}

function attacks({ configuration, bucket }: Deployment, { encryption, ledger }: Keys): Attack[] {
  const keyNames = [encryption, ledger].flatMap(({ keyId, keyArn }) => [keyId, keyArn]);
  return [
    {
      id: 'KeyTampering',
      means:
        'Somebody asked to delete, disable or open a key. Without it locked evidence cannot be read, or the ledger be trusted.',
      source: 'aws.kms',
      events: ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'CreateGrant', 'DisableKeyRotation'],
      // A refused call names no resources, so that what was asked for counts as well.
      touches: { $or: [{ requestParameters: { keyId: keyNames } }, { resources: { ARN: keyNames } }] },
    },
    {
      id: 'LockTampering',
      means: 'Somebody asked to change what protects a bucket: its policy, versions, lock or life cycle.',
      source: 'aws.s3',
      events: [
        'DeleteBucket',
        'DeleteBucketPolicy',
        'PutBucketPolicy',
        'PutBucketVersioning',
        'PutBucketObjectLockConfiguration',
        'PutObjectLockConfiguration',
        'PutBucketLifecycle',
        'PutBucketReplication',
        'DeleteBucketReplication',
        'PutBucketLogging',
      ],
      touches: { requestParameters: { bucketName: [bucket('vault'), bucket('state')] } },
    },
    {
      id: 'CollectionTampering',
      means: 'Somebody asked to delete or change what collects or seals logs: functions, schedules, queues.',
      source: 'aws.lambda',
      events: [
        'DeleteFunction20150331',
        'PutFunctionConcurrency20171031',
        'UpdateFunctionConfiguration20150331v2',
      ],
      touches: {
        requestParameters: {
          functionName: [
            ...(['collect', 'ingest', 'normalise', 'seal', 'verify'] as const).flatMap((of) => [
              functionName(configuration, of),
              `arn:${Stack.of(encryption).partition}:lambda:${configuration.region}:${Stack.of(encryption).account}:function:${functionName(configuration, of)}`,
            ]),
          ],
        },
      },
    },
  ];
}
