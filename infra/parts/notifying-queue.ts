/** A queue that S3, SNS or EventBridge tells of a bucket's new objects, and nobody else. */

import { Aws } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ConfiguredConnector } from '../configuration.ts';
import type { Deployment } from '../deployment.ts';
import { OWN_TRAIL, objectQueueName } from '../names.ts';
import { QueueWithDeadLetters } from './queue.ts';

export function notifyingQueue(
  scope: Construct,
  deployment: Deployment,
  { name, entry }: ConfiguredConnector,
  how: { readonly hiddenSeconds: number; readonly maxReceives: number },
): QueueWithDeadLetters {
  const { configuration, bucketArn, account } = deployment;
  const made = new QueueWithDeadLetters(scope, `Objects-${name}`, {
    ...how,
    name: objectQueueName(configuration, name),
  });
  const { queue } = made;
  const mayBeSent = (service: string, conditions: Record<string, Record<string, string>>) =>
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Told',
        principals: [new ServicePrincipal(service)],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions,
      }),
    );
  const topic = configuration.notifications[name];
  if (name === OWN_TRAIL)
    mayBeSent('s3.amazonaws.com', {
      ArnEquals: { 'aws:SourceArn': bucketArn('trail') },
      StringEquals: { 'aws:SourceAccount': account },
    });
  else if (topic?.startsWith('arn:')) {
    mayBeSent('sns.amazonaws.com', { ArnEquals: { 'aws:SourceArn': topic } });
    new CfnSubscription(scope, `Subscription-${name}`, {
      topicArn: topic,
      protocol: 'sqs',
      endpoint: queue.queueArn,
      redrivePolicy: { deadLetterTargetArn: made.dead.queueArn },
    });
    made.dead.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Untold',
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [made.dead.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': topic } },
      }),
    );
  } else
    new Rule(scope, `Created-${name}`, {
      description: `New objects of ${entry['bucket']}, for ${Aws.STACK_NAME}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [String(entry['bucket'])] },
          ...(entry['prefix'] === undefined
            ? {}
            : { object: { key: [{ prefix: String(entry['prefix']) }] } }),
        },
      },
      targets: [new SqsQueue(queue, { deadLetterQueue: made.dead })],
    });
  return made;
}
