/**
 * An event source mapping: reads a queue in batches, hands each to a function, and deletes what it dealt with. What it
 * did not comes again after the queue's visibility time-out, until the queue's own redrive policy takes it away.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */

import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Random } from '../../bench/random.ts';
import type { Invocation } from './function.ts';

const MOST_A_READ = 10;
const WAIT_SECONDS = 1;
/** After the queue did not answer. */
const PAUSE_MILLIS = 1000;

export interface MappingSettings {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** How long a batch is gathered, seconds. */
  readonly windowSeconds: number;
  /** Batches under way at once. */
  readonly concurrency: number;
  readonly reportsFailures: boolean;
  /** Receipts after which the queue gives a message up. */
  readonly maxReceives: number;
  /** Where given, batches are shuffled by it. */
  readonly shuffle?: Random;
}

export class Mapping {
  readonly #sqs: SQSClient;
  readonly #settings: MappingSettings;
  readonly #invoke: (event: unknown) => Promise<Invocation>;
  readonly #readers: Promise<void>[] = [];
  /** When each message that was read and not dealt with was sent, milliseconds. */
  readonly #sent = new Map<string, number>();
  #isStopped = false;

  constructor(sqs: SQSClient, settings: MappingSettings, invoke: (event: unknown) => Promise<Invocation>) {
    this.#sqs = sqs;
    this.#settings = settings;
    this.#invoke = invoke;
  }

  start(): void {
    for (let at = 0; at < this.#settings.concurrency; at++) this.#readers.push(this.#read());
  }

  /** Seconds since the oldest message was sent that this has read and that waits still; 0 where none does. */
  oldestSeconds(now = Date.now()): number {
    return this.#sent.size === 0 ? 0 : Math.max(0, now - Math.min(...this.#sent.values())) / 1000;
  }

  /** Resolves once batches under way have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#readers);
  }

  async #read(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const batch = await this.#gather();
        if (batch.length > 0) await this.#hand(batch);
      } catch {
        // The queue is away; Lambda's pollers ask on.
        await pause(PAUSE_MILLIS);
      }
    }
  }

  async #gather(): Promise<Message[]> {
    const { queueUrl, batchSize, windowSeconds } = this.#settings;
    const batch: Message[] = [];
    const until = Date.now() + windowSeconds * 1000;
    do {
      const { Messages: messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(MOST_A_READ, batchSize - batch.length),
          WaitTimeSeconds: WAIT_SECONDS,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      batch.push(...messages);
      for (const { MessageId = '', Attributes } of messages)
        this.#sent.set(MessageId, Number(Attributes?.SentTimestamp ?? Date.now()));
      if (messages.length === 0) break;
    } while (batch.length < batchSize && Date.now() < until && !this.#isStopped);
    return batch;
  }

  async #hand(batch: Message[]): Promise<void> {
    const { queueUrl, queueArn, reportsFailures, maxReceives, shuffle } = this.#settings;
    const order = shuffle === undefined ? batch : shuffled(batch, shuffle);
    const invocation = await this.#invoke(sqsEvent(order, queueArn));
    const done = dealtWith(order, invocation, reportsFailures);
    for (const message of order)
      if (done.includes(message) || Number(message.Attributes?.ApproximateReceiveCount ?? 0) >= maxReceives)
        this.#sent.delete(message.MessageId ?? '');
    for (let at = 0; at < done.length; at += MOST_A_READ)
      await this.#sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: done
            .slice(at, at + MOST_A_READ)
            .map(({ ReceiptHandle = '' }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export const sqsEvent = (batch: readonly Message[], queueArn: string): object => ({
  Records: batch.map(({ MessageId, ReceiptHandle, Body, Attributes, MD5OfBody }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes ?? {},
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: 'us-east-1',
  })),
});

/** Messages that need not come again; a report that names none of the batch means that all failed. */
export function dealtWith(
  batch: readonly Message[],
  { outcome, result }: Pick<Invocation, 'outcome' | 'result'>,
  reportsFailures: boolean,
): Message[] {
  if (outcome !== 'ok') return [];
  const failures = (result as { batchItemFailures?: unknown } | null)?.batchItemFailures;
  if (!reportsFailures || failures === undefined || failures === null) return [...batch];
  if (!Array.isArray(failures)) return [];
  const failed = new Set(failures.map((one: { itemIdentifier?: unknown } | null) => one?.itemIdentifier));
  const known = new Set<unknown>(batch.map(({ MessageId }) => MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return batch.filter(({ MessageId }) => !failed.has(MessageId));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0]!);
}

/** Messages in a queue, those under way among them. */
export async function depthOf(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  return (
    Number(Attributes['ApproximateNumberOfMessages'] ?? 0) +
    Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0)
  );
}

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
