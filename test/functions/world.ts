/** A lake on S3, a bucket of logs and a wake-up queue in this process, and functions called as Lambda calls them. */

import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSRecord } from 'aws-lambda';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';

export const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:123456789012:trail';
export const TRAIL = 'example-trail';

/** As Lambda gives it; `remaining` tells the milliseconds left. */
export const contextOf = (name: string, remaining: () => number = () => 600_000): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: name,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
  memoryLimitInMB: '2048',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: remaining,
  done: () => {},
  fail: () => {},
  succeed: () => {},
});

/** Takes messages as SQS does, with its de-duplication, and remembers them. */
class WakeQueue {
  readonly messages: { MessageGroupId: string; MessageDeduplicationId: string }[] = [];
  /** Answers every request with an error. */
  refuses = false;
  readonly #server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const message = JSON.parse(Buffer.concat(pieces).toString());
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      if (this.refuses) {
        response.statusCode = 400;
        response.end('{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}');
        return;
      }
      this.messages.push(message);
      const MD5OfMessageBody = createHash('md5').update(message.MessageBody).digest('hex');
      response.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody, SequenceNumber: '1' }));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export class CloudWorld {
  readonly double = new S3Double();
  readonly wakes = new WakeQueue();
  #endpoint = '';

  /** Sets the environment that functions read. To be called before their modules are loaded. */
  async start(folder: string): Promise<void> {
    useTestCredentials();
    for (const name of ['vault', 'state', TRAIL]) this.double.addBucket(name, name === 'vault');
    this.double.addBucket('exports', false);
    this.#endpoint = await this.double.start();
    const queue = await this.wakes.start();
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_SQS: queue,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
      AKASHI_LAKE: this.address,
      AKASHI_HOME: join(folder, 'home'),
      AKASHI_SIGNING_KEY: join(folder, 'ledger.pem'),
      AKASHI_WAKE_QUEUE: `${queue}/123456789012/wake.fifo`,
      AKASHI_OBJECT_CONNECTORS: JSON.stringify({
        [QUEUE_ARN]: {
          connector: 'aws.cloudtrail',
          delivery: 'queue',
          buckets: [TRAIL],
          endpoint: this.#endpoint,
        },
      }),
    });
  }

  get endpoint(): string {
    return this.#endpoint;
  }

  get address(): string {
    return `s3://vault/trail?state=state&endpoint=${this.#endpoint}&retention=30`;
  }

  /** The entry of a connector that lists the bucket itself. */
  get listing(): Record<string, unknown> {
    return { connector: 'aws.cloudtrail', delivery: 'bucket', bucket: TRAIL, endpoint: this.#endpoint };
  }

  stop(): Promise<void> {
    this.wakes.stop();
    return this.double.stop();
  }

  async put(key: string, body: string | Uint8Array): Promise<void> {
    const client = new S3Client({ endpoint: this.#endpoint, forcePathStyle: true, region: 'eu-west-1' });
    await client.send(new PutObjectCommand({ Bucket: TRAIL, Key: key, Body: body }));
    client.destroy();
  }

  /** Keys of the state store that begin so, below the lake's prefix. */
  stateKeys(prefix: string): string[] {
    return [...this.double.buckets.get('state')!.keys.keys()].filter((key) =>
      key.startsWith(`state/${prefix}`),
    );
  }
}

/** A trail's log with one event for each number. */
export const trailLog = (...numbers: readonly number[]): string =>
  JSON.stringify({
    Records: numbers.map((number) => ({
      eventVersion: '1.09',
      eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      eventTime: '2026-03-10T10:00:00Z',
      eventName: 'ListBuckets',
      eventSource: 's3.amazonaws.com',
      awsRegion: 'eu-west-1',
      recipientAccountId: '111122223333',
      userIdentity: { type: 'IAMUser', userName: 'ana' },
    })),
  });

/** Of today, so that a listing of the last days finds it. */
const [year, month, day] = new Date().toISOString().slice(0, 10).split('-');
export const keyOf = (number: number): string =>
  `AWSLogs/111122223333/CloudTrail/eu-west-1/${year}/${month}/${day}/111122223333_CloudTrail_eu-west-1_${year}${month}${day}T0000Z_a${number}.json`;

/** S3's own notification of new objects. */
export const notification = (...keys: readonly string[]): string =>
  JSON.stringify({
    Records: keys.map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: '2026-03-10T10:05:00.000Z',
      eventName: 'ObjectCreated:Put',
      s3: {
        s3SchemaVersion: '1.0',
        bucket: { name: TRAIL, arn: `arn:aws:s3:::${TRAIL}` },
        object: { key: encodeURIComponent(key).replaceAll('%2F', '/'), size: 1, eTag: 'e', sequencer: '0' },
      },
    })),
  });

/** The same through SNS without raw delivery. */
export const throughSns = (message: string): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'a1',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:trail',
    Subject: 'Amazon S3 Notification',
    Message: message,
    Timestamp: '2026-03-10T10:05:00.000Z',
  });

/** EventBridge's own. */
export const throughEventBridge = (key: string): string =>
  JSON.stringify({
    version: '0',
    id: 'b1',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '123456789012',
    time: '2026-03-10T10:05:00Z',
    region: 'eu-west-1',
    resources: [`arn:aws:s3:::${TRAIL}`],
    detail: {
      version: '0',
      bucket: { name: TRAIL },
      object: { key, size: 1, etag: 'e' },
      reason: 'PutObject',
    },
  });

/** A message as a Lambda's event source hands it over. */
export const message = (messageId: string, body: string, eventSourceARN = QUEUE_ARN): SQSRecord => ({
  messageId,
  receiptHandle: `handle-${messageId}`,
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '1773136800000',
    SenderId: 'AIDAEXAMPLE',
    ApproximateFirstReceiveTimestamp: '1773136800001',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN,
  awsRegion: 'eu-west-1',
});
