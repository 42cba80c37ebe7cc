/**
 * Moves what a dead-letter queue holds back to where it came from. A message is deleted only once its copy is sent: what
 * is cut off in between comes twice, and what comes twice is preserved once.
 */

import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AkashiError } from '../../schema/error.ts';
import { awsError, CLIENT, judgeAws } from './aws.ts';
import { askAgain } from './retry.ts';

/** Asked for at once: the most there is. */
const BATCH = 10;
const WAIT_SECONDS = 1;
/** How long a message is hidden from others while it is moved. */
const HIDDEN_SECONDS = 120;
/** Answers without a message after which the queue counts as empty: SQS may look in a part of it only. */
const EMPTY_ANSWERS = 3;

export interface RedriveRequest {
  /** URL of the dead-letter queue. */
  readonly queue: string;
  /** URL of the queue to move to; the one whose dead letters it holds unless given. */
  readonly to?: string;
  /** Count, and move nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (moved: number) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Redriven {
  readonly from: string;
  readonly to: string;
  /** Messages that the queue says it held when this began; about. */
  readonly found: number;
  readonly moved: number;
  /** Came into the queue after this began, and were left there: they would only go round. */
  readonly left: number;
}

/** Throws REDRIVE_TARGET where the queue to move to is not plain, and what AWS answers: PULL_DENIED, PULL_CREDENTIALS. */
export async function redrive(
  {
    queue,
    to: given,
    dryRun = false,
    signal = new AbortController().signal,
    onProgress,
    now = Date.now,
  }: RedriveRequest,
  client = sqsFor(queue),
): Promise<Redriven> {
  const started = now();
  const asked = <T>(what: string, permission: string, request: () => Promise<T>): Promise<T> =>
    askAgain(request, judgeAws, signal).catch((error: unknown) => {
      throw awsError(error, what, permission);
    });
  try {
    const found = await asked(`looking at ${queue}`, 'sqs:GetQueueAttributes', async () => {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      return Number(Attributes['ApproximateNumberOfMessages'] ?? 0);
    });
    const to = given ?? (await sourceOf(queue, client, asked));
    if (to === queue) throw target(`it would be moved to the queue it is in, ${queue}`);
    let moved = 0;
    const left = new Set<string>();
    for (let empty = 0; !dryRun && empty < EMPTY_ANSWERS; ) {
      const { Messages: messages = [] } = await asked(`reading ${queue}`, 'sqs:ReceiveMessage', () =>
        client.send(
          new ReceiveMessageCommand({
            QueueUrl: queue,
            MaxNumberOfMessages: BATCH,
            WaitTimeSeconds: WAIT_SECONDS,
            VisibilityTimeout: HIDDEN_SECONDS,
            MessageSystemAttributeNames: ['All'],
            MessageAttributeNames: ['All'],
          }),
          { abortSignal: signal },
        ),
      );
      if (messages.every(({ MessageId = '' }) => left.has(MessageId))) empty++;
      else empty = 0;
      for (const message of messages) {
        if (Number(message.Attributes?.SentTimestamp ?? 0) > started) {
          left.add(message.MessageId ?? '');
          continue;
        }
        await asked(`sending to ${to}`, 'sqs:SendMessage', () => client.send(copyOf(message, to)));
        await asked(`deleting from ${queue}`, 'sqs:DeleteMessage', () =>
          client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message.ReceiptHandle })),
        );
        moved++;
        onProgress?.(moved);
      }
    }
    return { from: queue, to, found, moved, left: left.size };
  } finally {
    client.destroy();
  }
}

/** The one queue whose dead letters this one takes. */
async function sourceOf(
  queue: string,
  client: SQSClient,
  asked: <T>(what: string, permission: string, request: () => Promise<T>) => Promise<T>,
): Promise<string> {
  const { queueUrls = [] } = await asked(
    `asking whose dead letters are in ${queue}`,
    'sqs:ListDeadLetterSourceQueues',
    () => client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: queue })),
  );
  const [only, ...others] = queueUrls;
  if (only === undefined) throw target(`${queue} takes the dead letters of no queue`);
  if (others.length > 0) throw target(`${queue} takes the dead letters of several: ${queueUrls.join(', ')}`);
  return only;
}

/** The same message; in a FIFO queue of the same group, and not taken for the one that failed. */
function copyOf(
  { Body, MessageAttributes, Attributes = {}, MessageId = '' }: Message,
  to: string,
): SendMessageCommand {
  const group = Attributes.MessageGroupId;
  return new SendMessageCommand({
    QueueUrl: to,
    MessageBody: Body,
    ...(MessageAttributes === undefined ? {} : { MessageAttributes }),
    ...(group === undefined
      ? {}
      : { MessageGroupId: group, MessageDeduplicationId: `redriven-${MessageId}` }),
  });
}

/** `https://sqs.eu-west-1.amazonaws.com/…` says its region; other servers are asked at the URL itself. */
function sqsFor(queue: string): SQSClient {
  const { host, origin } = new URL(queue);
  const region = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
  return new SQSClient(
    region === undefined ? { ...CLIENT, endpoint: origin, region: 'us-east-1' } : { ...CLIENT, region },
  );
}

const target = (what: string): AkashiError =>
  new AkashiError('REDRIVE_TARGET', `Where to is not plain: ${what}. Name the queue with --to.`);
