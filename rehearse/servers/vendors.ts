/** Plays the vendors: puts what the plan says where it belongs, asking again until it is there, as they do. */

import { readFileSync } from 'node:fs';
import type { TableInput } from '@aws-sdk/client-glue';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BlobServiceClient } from '@azure/storage-blob';
import { ACCESS_KEY, SECRET_KEY } from '../../test/servers/server.ts';
import { pause } from '../lambda/mapping.ts';
import { ACTIVITY_CONTAINER, type Delivery } from '../organisation/plan.ts';
import { makeDatabase, tablesIn } from './catalogue.ts';
import type { Cloud } from './cloud.ts';
import { sendCreations } from './event-bus.ts';

export const AWS_CLIENT = {
  region: 'us-east-1',
  credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
} as const;

export interface Queue {
  /** As functions see it, behind the proxy, and as Lambda's own pollers do. */
  readonly url: string;
  readonly directUrl: string;
  readonly arn: string;
  readonly deadLetterUrl: string;
}

export interface QueueSettings {
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
  readonly delaySeconds?: number;
  readonly fifo?: boolean;
}

/** By what a bucket tells of new objects, and whom; null: nobody. */
type Told = { readonly queueArn: string; readonly by: 'itself' | 'event bus' } | null;

const QUEUE_ACCOUNT = '123456789012';

export class Vendors {
  readonly #cloud: Cloud;
  /** By `s3://bucket/key`, when it was there, milliseconds. */
  readonly arrivals = new Map<string, number>();
  readonly #objects: (Delivery & { kind: 'object' })[] = [];
  readonly #queues: { name: string; settings: QueueSettings }[] = [];
  readonly #buckets = new Map<string, Told>();
  #tables: TableInput[] = [];
  readonly #sizes = new Map<string, number>();
  readonly #clients = new Map<string, S3Client>();
  readonly #isStopped: () => boolean;

  constructor(cloud: Cloud, isStopped: () => boolean = () => false) {
    this.#cloud = cloud;
    this.#isStopped = isStopped;
  }

  /** A client of the lake's server, as somebody has who does not go through functions. */
  lakeS3(): S3Client {
    return this.#s3('lake');
  }

  #s3(server: 'aws' | 'lake'): S3Client {
    const endpoint = this.#cloud.direct(server);
    const client =
      this.#clients.get(endpoint) ??
      new S3Client({
        ...AWS_CLIENT,
        endpoint,
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
    this.#clients.set(endpoint, client);
    return client;
  }

  /** Where Lambda's own pollers and the vendor's services find AWS. */
  awsUrl(): string {
    return this.#cloud.direct('aws');
  }

  sqs(): SQSClient {
    return new SQSClient({ ...AWS_CLIENT, endpoint: this.#cloud.direct('aws') });
  }

  /** The lake's two buckets, the vault's with Object Lock. */
  async makeLake(vault: string, state: string): Promise<void> {
    const s3 = this.#s3('lake');
    await s3.send(new CreateBucketCommand({ Bucket: vault, ObjectLockEnabledForBucket: true }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: vault, VersioningConfiguration }));
    await s3.send(new CreateBucketCommand({ Bucket: state }));
  }

  /** A queue with the dead-letter queue that its redrive policy names. */
  async makeQueue(name: string, settings: QueueSettings): Promise<Queue> {
    this.#queues.push({ name, settings });
    return this.#make(name, settings);
  }

  async #make(name: string, settings: QueueSettings): Promise<Queue> {
    const { visibilitySeconds, maxReceives, delaySeconds = 0, fifo = false } = settings;
    const sqs = this.sqs();
    const suffix = fifo ? '.fifo' : '';
    const kind: Record<string, string> = fifo ? { FifoQueue: 'true' } : {};
    await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead${suffix}`, Attributes: kind }));
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${QUEUE_ACCOUNT}:${name}-dead${suffix}`;
    await sqs.send(
      new CreateQueueCommand({
        QueueName: `${name}${suffix}`,
        Attributes: {
          ...kind,
          VisibilityTimeout: String(visibilitySeconds),
          DelaySeconds: String(delaySeconds),
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }),
        },
      }),
    );
    const at = (origin: string, end = '') => `${origin}/${QUEUE_ACCOUNT}/${name}${end}${suffix}`;
    return {
      url: at(this.#cloud.proxies.aws.url),
      directUrl: at(this.#cloud.direct('aws')),
      arn: `arn:aws:sqs:us-east-1:${QUEUE_ACCOUNT}:${name}${suffix}`,
      deadLetterUrl: at(this.#cloud.direct('aws'), '-dead'),
    };
  }

  /** A bucket that tells a queue of each new object, by itself or by way of EventBridge, or nobody. */
  async makeBucket(bucket: string, told: Told): Promise<void> {
    this.#buckets.set(bucket, told);
    await this.#s3('aws').send(new CreateBucketCommand({ Bucket: bucket }));
    await this.#tell(bucket, told);
  }

  async #tell(Bucket: string, told: Told): Promise<void> {
    if (told === null) return;
    const { queueArn: QueueArn, by } = told;
    if (by === 'event bus') await sendCreations(this.awsUrl(), Bucket, QueueArn);
    const NotificationConfiguration =
      by === 'event bus'
        ? { EventBridgeConfiguration: {} }
        : { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*' as const] }] };
    await this.#s3('aws').send(
      new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
    );
  }

  async makeDatabase(): Promise<void> {
    await makeDatabase(this.awsUrl());
  }

  /** What moto would forget and AWS does not, before it is killed: which metadata tables name. */
  async rememberAws(): Promise<void> {
    this.#tables = await tablesIn(this.awsUrl());
  }

  /** moto keeps everything in memory: buckets and tables are as they were, as on AWS; what was in the queues stays lost. */
  async restoreAws(): Promise<void> {
    for (const { name, settings } of this.#queues) await this.#make(name, settings);
    await makeDatabase(this.awsUrl(), this.#tables);
    const s3 = this.#s3('aws');
    for (const bucket of this.#buckets.keys()) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const object of this.#objects) await this.#putObject(object);
    for (const [bucket, told] of this.#buckets) await this.#tell(bucket, told);
  }

  /** What is stored under a key of a bucket that is not the lake's. */
  async read(Bucket: string, Key: string): Promise<Uint8Array> {
    const { Body } = await this.#s3('aws').send(new GetObjectCommand({ Bucket, Key }));
    return Body!.transformToByteArray();
  }

  async makeContainer(): Promise<void> {
    await this.#container(ACTIVITY_CONTAINER).createIfNotExists();
  }

  #container(name: string) {
    const token = { token: '', expiresOnTimestamp: 0 };
    const service = new BlobServiceClient(
      this.#cloud.direct('blobs'),
      {
        getToken: async () => {
          const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = this.#cloud.environment;
          const answer = await fetch(`${IDENTITY_ENDPOINT}?resource=https://storage.azure.com`, {
            headers: { 'x-identity-header': IDENTITY_HEADER },
          });
          token.token = ((await answer.json()) as { access_token: string }).access_token;
          return { ...token, expiresOnTimestamp: Date.now() + 3_600_000 };
        },
      },
      {
        tlsOptions: { ca: readFileSync(this.#cloud.blobCertificates, 'utf8') },
        retryOptions: { maxTries: 1 },
      } as never,
    );
    return service.getContainerClient(name);
  }

  /** Puts an object there of whose arrival nobody keeps count. */
  async put(object: Delivery & { kind: 'object' }): Promise<void> {
    await this.#putObject(object);
  }

  /** Resolves once it is there. */
  async deliver(delivery: Delivery): Promise<void> {
    for (;;) {
      try {
        await this.#once(delivery);
        return;
      } catch (error) {
        if (this.#isStopped()) throw error;
        await pause(500);
      }
    }
  }

  async #once(delivery: Delivery): Promise<void> {
    const { google, azure, lookup } = this.#cloud;
    switch (delivery.kind) {
      case 'object':
        await this.#putObject(delivery);
        this.#objects.push(delivery);
        this.arrivals.set(`s3://${delivery.bucket}/${delivery.key}`, Date.now());
        break;
      case 'lookup':
        lookup.events.push(...delivery.events);
        break;
      case 'blob': {
        await this.#append(delivery.container, delivery.name, delivery.text);
        break;
      }
      case 'rows': {
        const ingested = new Date().toISOString();
        const rows = azure.tables.get(delivery.table) ?? [];
        rows.push(...delivery.cells.map((cells) => ({ ingested, cells })));
        azure.tables.set(delivery.table, rows);
        break;
      }
      case 'entries': {
        const entries = google.entries.get(delivery.resource) ?? [];
        google.entries.set(delivery.resource, [...entries, ...delivery.entries]);
        break;
      }
      case 'sink': {
        const objects = google.objects.get(delivery.bucket) ?? new Map();
        google.objects.set(
          delivery.bucket,
          objects.set(delivery.key, { body: delivery.body, generation: '1' }),
        );
        break;
      }
      default:
        delivery satisfies never;
    }
  }

  /** By position, so that what was stored though the answer was lost is not stored twice. */
  async #append(container: string, name: string, text: string): Promise<void> {
    const blob = this.#container(container).getAppendBlobClient(name);
    const [position, size] = [this.#sizes.get(name) ?? 0, Buffer.byteLength(text)];
    if (position === 0) await blob.createIfNotExists();
    try {
      await blob.appendBlock(text, size, { conditions: { appendPosition: position } });
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 412) throw error;
    }
    this.#sizes.set(name, position + size);
  }

  async #putObject({ bucket, key, body, metadata = {} }: Delivery & { kind: 'object' }): Promise<void> {
    await this.#s3('aws').send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, Metadata: { ...metadata } }),
    );
  }

  /** The notification of some object of a bucket once more, after so many seconds. */
  async tellAgain(queueUrl: string, bucket: string, at: number, delaySeconds: number): Promise<void> {
    const objects = this.#objects.filter((one) => one.bucket === bucket);
    const object = objects[at % Math.max(1, objects.length)];
    if (object === undefined) return;
    const s3 = { bucket: { name: object.bucket }, object: { key: encodeURIComponent(object.key) } };
    const MessageBody = JSON.stringify({
      Records: [{ eventName: 'ObjectCreated:Put', eventSource: 'aws:s3', s3 }],
    });
    await this.say(queueUrl, MessageBody, delaySeconds);
  }

  /** Any message, after so many seconds. */
  async say(queueUrl: string, MessageBody: string, DelaySeconds = 0): Promise<void> {
    await this.sqs().send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds }));
  }
}
