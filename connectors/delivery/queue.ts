/**
 * A queue that tells of new objects. A message is deleted once everything it names is preserved; what cannot be fetched
 * now comes back by itself, and to the dead-letter queue in the end.
 */

import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ObjectDelivery } from '../contract.ts';
import { awsError, CLIENT, judgeAws } from './aws.ts';
import type { QUEUE_SETTINGS } from './bucket-settings.ts';
import type { Feed } from './feed.ts';
import { notifiedObjects } from './notification.ts';
import type { ObjectSource } from './object-source.ts';
import { askAgain } from './retry.ts';
import { type BucketPlace, objectSource } from './s3-objects.ts';
import type { SettingsOf } from './settings.ts';

/** Messages asked for at once: the most there is. */
const BATCH = 10;
/** How long to wait for the first message, seconds; a queue that stays empty so long is caught up with. */
const WAIT_SECONDS = 2;

export function objectQueue(
  settings: SettingsOf<typeof QUEUE_SETTINGS>,
  role: ObjectDelivery['role'],
): Feed<never> {
  const { queue, queueRegion, endpoint, buckets, bucketOwner } = settings;
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
      const sources = new Map<string, ObjectSource>();
      /** Messages left in the queue by this pull: it ends when nothing else comes. */
      const left = new Set<string>();
      const sourceOf = (bucket: string): ObjectSource => {
        const place: BucketPlace = { bucket, owner: bucketOwner, endpoint, region: queueRegion };
        const source = sources.get(bucket) ?? objectSource(place, request);
        sources.set(bucket, source);
        return source;
      };
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
            const objects = notifiedObjects(text);
            if (objects === null || objects.some(({ bucket }) => !buckets.includes(bucket))) {
              left.add(id);
              yield {
                kind: 'missed',
                origin: `${queue}#${id}`,
                code: 'PULL_MESSAGE',
                problem:
                  objects === null
                    ? 'it is no notification of S3; it stays in the queue'
                    : `it names a bucket that is not among ${buckets.join(', ')}; it stays in the queue`,
              };
              continue;
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
            if (!whole) left.add(id);
            else
              yield {
                kind: 'mark',
                acknowledge: () =>
                  askAgain(
                    async () =>
                      void (await client.send(
                        new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handle }),
                      )),
                    judgeAws,
                    signal,
                  ).catch((error: unknown) => {
                    throw awsError(error, `deleting a message of ${queue}`, 'sqs:DeleteMessage');
                  }),
              };
          }
        }
      } finally {
        client.destroy();
        for (const source of sources.values()) source.close();
      }
    },
  };
}
