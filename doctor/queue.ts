/** How a queue of notifications is, without taking a message. */

import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsError, CLIENT, judgeAws } from '../connectors/delivery/aws.ts';
import { askAgain } from '../connectors/delivery/retry.ts';
import { type Finding, missing, ok } from './finding.ts';

/** Throws as the queue does when messages are taken from it. */
export async function lookAtQueue(
  area: string,
  title: string,
  entry: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { queue, queueRegion, endpoint } = entry as Readonly<Record<string, string | undefined>>;
  const region = queueRegion ?? regionOf(queue ?? '') ?? (endpoint === undefined ? undefined : 'us-east-1');
  const client = new SQSClient({
    ...CLIENT,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  });
  try {
    const { Attributes = {} } = await askAgain(
      () =>
        client.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }), {
          abortSignal: signal,
        }),
      judgeAws,
      signal,
    ).catch((error: unknown) => {
      throw awsError(error, `asking about ${queue}`, 'sqs:GetQueueAttributes');
    });
    const { ApproximateNumberOfMessages: waiting = '0', RedrivePolicy: redrive } = Attributes;
    const findings = [ok(area, `${title}: reached, about ${waiting} messages wait`)];
    if (redrive === undefined)
      findings.push(
        missing(
          area,
          `${title}: it has no dead-letter queue, so that what can never be read comes back for days`,
          `Give it one: aws sqs set-queue-attributes --queue-url ${queue} --attributes with a RedrivePolicy.`,
        ),
      );
    return findings;
  } finally {
    client.destroy();
  }
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
const regionOf = (url: string): string | undefined =>
  /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(url)?.[1];
