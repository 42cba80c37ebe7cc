import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { configuredFeed } from '../../connectors/configured.ts';
import { pull } from '../../stages/pull.ts';
import { pooled } from '../../vault/pool.ts';
import { BY, newWorld, storesOf, verification, Workshop, type World } from '../stages/memory-lake.ts';

const endpoint = process.env['AKASHI_LIVE_AWS'];
if (endpoint === undefined) throw new Error('AKASHI_LIVE_AWS is not set: start this with npm run test:live');
const client = { endpoint, region: 'us-east-1' };
const s3 = new S3Client({ ...client, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
const sqs = new SQSClient(client);
const logs = new CloudWatchLogsClient(client);

const DAY = new Date().toISOString().slice(0, 10);
const TODAY = Date.parse(DAY) / 1000;
let shop: Workshop;
let world: World;
let bucket: string;
let made = 0;

beforeEach(async () => {
  shop = new Workshop();
  world = newWorld();
  bucket = `live-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterEach(() => shop.close());

const pulled = (entry: Record<string, unknown>) =>
  pull(shop.lakeOf(storesOf(world)), [configuredFeed({ endpoint, ...entry }, 'test')], {
    threads: 1,
    by: BY,
  });

const put = (Key: string, Body: Uint8Array | string) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

const trailKey = (name: string) =>
  `AWSLogs/111122223333/CloudTrail/eu-west-1/${DAY.replaceAll('-', '/')}/111122223333_CloudTrail_eu-west-1_${name}.json.gz`;

describe('buckets', () => {
  test('a versioned trail bucket of a thousand and more objects, page after page', async () => {
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const numbers = Array.from({ length: 1050 }, (_, at) => at);
    await pooled(numbers, 20, (at) => put(trailKey(`n${at}`), gzipSync(trailFile(at, 1, TODAY))));
    const first = await pulled({ connector: 'aws.cloudtrail', delivery: 'bucket', bucket });
    expect(first).toMatchObject({ objects: 1050, events: 1050, feeds: [{ missedCount: 0, error: null }] });
    const second = await pulled({ connector: 'aws.cloudtrail', delivery: 'bucket', bucket });
    expect(second.feeds[0]).toMatchObject({ arrived: 0, held: 1050 });
    expect(await verification(world, await shop.identity())).toMatchObject({ ok: true });
  });

  test('flow logs: text, Parquet, and Hive-compatible names with hours', async () => {
    const [year, month, day] = DAY.split('-');
    const plain = `AWSLogs/111122223333/vpcflowlogs/eu-west-1/${year}/${month}/${day}/111122223333_vpcflowlogs_eu-west-1_fl-1_x.log`;
    const hive = `AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/year=${year}/month=${month}/day=${day}/hour=05/111122223333_vpcflowlogs_us-east-1_fl-2_x.log.gz`;
    await put(plain, flowFile(1, 50, TODAY));
    await put(hive, gzipSync(flowFile(2, 70, TODAY)));
    const parquet = readFileSync(
      new URL('../../connectors/aws-vpcflow/samples/flows.parquet', import.meta.url),
    );
    await put(plain.replace('_x.log', '_y.log.parquet'), parquet);
    const result = await pulled({ connector: 'aws.vpcflow', delivery: 'bucket', bucket });
    expect(result.feeds[0]).toMatchObject({ arrived: 3, error: null });
    expect(result.flows).toBeGreaterThan(120);
    expect(result.unreadable).toBe(0);
  });
});

describe('queues', () => {
  /** `visibility`: seconds for which a message that was read is not given out again. */
  const makeQueue = async (name: string, visibility = 60) => {
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: String(visibility) } }),
    );
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return { url: QueueUrl, arn: Attributes!['QueueArn']! };
  };
  const left = async (url: string) => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes!['ApproximateNumberOfMessages']) +
      Number(Attributes!['ApproximateNumberOfMessagesNotVisible'])
    );
  };

  test('what the bucket tells of arrives once, however often it is told, and the queue is empty then', async () => {
    const queue = await makeQueue(`q-${bucket}`);
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn: queue.arn, Events: ['s3:ObjectCreated:*'] }],
        },
      }),
    );
    for (let at = 0; at < 25; at++) await put(trailKey(`a b+${at}`), gzipSync(trailFile(at, 2, TODAY)));
    await put('AWSLogs/111122223333/Config/x.json', '{}');
    const again = {
      Records: [
        {
          eventName: 'ObjectCreated:Put',
          s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(trailKey('a b+3')) } },
        },
      ],
    };
    for (let times = 0; times < 3; times++)
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: JSON.stringify(again) }));
    const result = await pulled({
      connector: 'aws.cloudtrail',
      delivery: 'queue',
      queue: queue.url,
      buckets: bucket,
    });
    expect(result.feeds[0]).toMatchObject({ error: null, missedCount: 0, notLogs: 1 });
    expect(result).toMatchObject({ objects: 25, events: 50 });
    expect(await left(queue.url)).toBe(0);
  });

  test('what is no notification, and what names an object that is gone or a bucket of others, stays in the queue', async () => {
    const queue = await makeQueue(`p-${bucket}`, 1);
    const of = (name: string, key: string) =>
      JSON.stringify({
        Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name }, object: { key } } }],
      });
    for (const body of ['hello', of('bucket-of-others', trailKey('x')), of(bucket, trailKey('gone'))])
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
    const result = await pulled({
      connector: 'aws.cloudtrail',
      delivery: 'queue',
      queue: queue.url,
      buckets: bucket,
    });
    expect(new Set(result.feeds[0]!.missed.map(({ code }) => code))).toEqual(
      new Set(['PULL_MESSAGE', 'PULL_OBJECT_GONE']),
    );
    expect(await left(queue.url)).toBe(3);
  });
});

test('a log group of flow logs, more than a page, and nothing twice', async () => {
  const logGroupName = `/vpc/flows-${bucket}`;
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'eni-1-all' }));
  const now = Date.now();
  const [, ...lines] = flowFile(3, 600, Math.floor(now / 1000) - 900)
    .trim()
    .split('\n');
  for (let at = 0; at < lines.length; at += 200) {
    const logEvents = lines
      .slice(at, at + 200)
      .map((message, index) => ({ message, timestamp: now - 800_000 + at + index }));
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'eni-1-all', logEvents }));
  }
  const entry = {
    connector: 'aws.vpcflow',
    delivery: 'log-group',
    logGroup: logGroupName,
    region: 'us-east-1',
    account: '111122223333',
  };
  const first = await pulled(entry);
  expect(first.feeds[0]).toMatchObject({ error: null });
  expect(first.flows).toBe(600);
  const second = await pulled(entry);
  expect(second.feeds[0]!.error).toBeNull();
  expect(second.flows).toBe(second.duplicateEvents);
});
