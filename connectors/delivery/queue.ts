/**
 * A queue that tells of new objects. A message is deleted once everything it names is preserved; what cannot be fetched
 * now comes back by itself, and to the dead-letter queue in the end.
 */

import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ObjectDelivery } from '../contract.ts';
import { awsError, CLIENT, judgeAws } from './aws.ts';
import type { QUEUE_SETTINGS } from './bucket-settings.ts';
import type { Feed, PullRequest, Step } from './feed.ts';
import { notifiedObjects } from './notification.ts';
import type { ObjectSource } from './object-source.ts';
import { askAgain } from './retry.ts';
import { type BucketPlace, objectSource } from './s3-objects.ts';
import type { SettingsOf } from './settings.ts';

/** Messages asked for at once: the most there is. */
const BATCH = 10;
/** How long to wait for the first message, seconds; a queue that stays empty so long is caught up with. */
const WAIT_SECONDS = 2;

type QueueSettings = SettingsOf<typeof QUEUE_SETTINGS>;

/** A message of a queue: a name for it, what it says, and what tells the queue that it is done with. */
export interface ObjectMessage {
  readonly name: string;
  readonly text: string;
  readonly acknowledge: () => Promise<void>;
}

/** Reads the objects that messages name. Whoever opened it closes it. */
function messageReader(
  { queueRegion, endpoint, buckets, bucketOwner }: QueueSettings,
  role: ObjectDelivery['role'],
  request: PullRequest<never>,
) {
  const sources = new Map<string, ObjectSource>();
  const sourceOf = (bucket: string): ObjectSource => {
    const place: BucketPlace = { bucket, owner: bucketOwner, endpoint, region: queueRegion };
    const source = sources.get(bucket) ?? objectSource(place, request);
    sources.set(bucket, source);
    return source;
  };
  return {
    /** Returns whether all that it names was fetched or is none of ours; only then is it marked as done. */
    async *steps({ name, text, acknowledge }: ObjectMessage): AsyncGenerator<Step<never>, boolean> {
      const objects = notifiedObjects(text);
      if (objects === null || objects.some(({ bucket }) => !buckets.includes(bucket))) {
        yield {
          kind: 'missed',
          origin: name,
          code: 'PULL_MESSAGE',
          problem:
            objects === null
              ? 'it is no notification of S3; it stays in the queue'
              : `it names a bucket that is not among ${buckets.join(', ')}; it stays in the queue`,
        };
        return false;
      }
      let whole = true;
      for (const { bucket, key, versionId } of objects) {
        const is = role(key);
        if (is === 'ignore') {
          yield { kind: 'passed', reason: 'not_a_log' };
          continue;
        }
        const found = await sourceOf(bucket).fetch(key, is, versionId ?? undefined);
        whole &&= found.kind === 'arrival';
        yield found;
      }
      if (whole) yield { kind: 'mark', acknowledge };
      return whole;
    },
    close() {
      for (const source of sources.values()) source.close();
    },
  };
}

/** The objects that messages name which somebody else took from the queue. What is not acknowledged is to come back. */
export const givenMessages = (
  settings: QueueSettings,
  role: ObjectDelivery['role'],
  messages: readonly ObjectMessage[],
): Feed<never> => ({
  async *steps(request) {
    const reader = messageReader(settings, role, request);
    try {
      for (const message of messages) {
        if (request.signal.aborted) return;
        yield* reader.steps(message);
      }
    } finally {
      reader.close();
    }
  },
});

export function objectQueue(settings: QueueSettings, role: ObjectDelivery['role']): Feed<never> {
  const { queue, queueRegion, endpoint } = settings;
  return {
    async *steps(request) {
      const { signal } = request;
      const client = new SQSClient({
        ...CLIENT,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(queueRegion === undefined
          ? endpoint === undefined
            ? {}
            : { region: 'us-east-1' }
          : { region: queueRegion }),
      });
      const reader = messageReader(settings, role, request);
      /** Messages left in the queue by this pull: it ends when nothing else comes. */
      const left = new Set<string>();
      try {
        for (;;) {
          const { Messages: messages = [] } = await askAgain(
            () =>
              client.send(
                new ReceiveMessageCommand({
                  QueueUrl: queue,
                  MaxNumberOfMessages: BATCH,
                  WaitTimeSeconds: WAIT_SECONDS,
                }),
                { abortSignal: signal },
              ),
            judgeAws,
            signal,
          ).catch((error: unknown) => {
            throw awsError(error, `reading ${queue}`, 'sqs:ReceiveMessage');
          });
          if (messages.every(({ MessageId = '' }) => left.has(MessageId))) return;
          for (const { Body: text = '', ReceiptHandle: handle = '', MessageId: id = '' } of messages) {
            if (left.has(id)) continue;
            const acknowledge = () =>
              askAgain(
                async () =>
                  void (await client.send(
                    new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handle }),
                  )),
                judgeAws,
                signal,
              ).catch((error: unknown) => {
                throw awsError(error, `deleting a message of ${queue}`, 'sqs:DeleteMessage');
              });
            if (!(yield* reader.steps({ name: `${queue}#${id}`, text, acknowledge }))) left.add(id);
          }
        }
      } finally {
        client.destroy();
        reader.close();
      }
    },
  };
}
