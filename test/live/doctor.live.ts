/** What `akashi doctor` says of real servers: moto for AWS, Azurite for blobs. */

import { readFileSync } from 'node:fs';
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateFlowLogsCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { awsExamination } from '../../doctor/aws/coverage.ts';
import { signIn } from '../../doctor/credentials.ts';
import { examined, type Finding } from '../../doctor/finding.ts';
import { placesExamination } from '../../doctor/places.ts';
import { subjectOf } from '../../doctor/subject.ts';

const endpoint = process.env['AKASHI_LIVE_AWS'];
const url = process.env['AKASHI_LIVE_BLOBS'];
const certificates = process.env['AKASHI_LIVE_CERTIFICATES'];
if (endpoint === undefined || url === undefined || certificates === undefined)
  throw new Error('AKASHI_LIVE_AWS is not set: start this with npm run test:live');
const REGION = 'eu-central-1';
const client = { endpoint, region: REGION };
const s3 = new S3Client({ ...client, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
const sqs = new SQSClient(client);
const ec2 = new EC2Client(client);
const trails = new CloudTrailClient(client);
const OWN = '123456789012';

const subject = (...connectors: Record<string, unknown>[]) =>
  subjectOf(JSON.stringify({ connectors }), 'test');
const said = (findings: readonly Finding[], state: string): string[] =>
  findings.filter((one) => one.state === state).map(({ what, fix }) => `${what} | ${fix}`);

beforeAll(async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_REGION', REGION);
  for (const Bucket of ['doctor-trail', 'doctor-flows'])
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
});
afterAll(() => vi.unstubAllEnvs());

describe('places', () => {
  const look = (...connectors: Record<string, unknown>[]) =>
    examined([placesExamination(subject(...connectors).places, Date.now())]);

  test('a bucket that is there and one that is not', async () => {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const Key = `AWSLogs/${OWN}/CloudTrail/${REGION}/${day}/${OWN}_CloudTrail_${REGION}_20260310T1100Z_abcdefghijklmnop.json.gz`;
    await s3.send(new PutObjectCommand({ Bucket: 'doctor-trail', Key, Body: 'x' }));
    const bucket = (name: string, of: string) => ({
      connector: 'aws.cloudtrail',
      name,
      delivery: 'bucket',
      bucket: of,
      bucketRegion: REGION,
      endpoint,
    });
    const findings = await look(bucket('there', 'doctor-trail'), bucket('nowhere', 'doctor-nowhere'));
    expect(said(findings, 'ok')).toEqual([
      expect.stringContaining('there (aws.cloudtrail, bucket): reached and read'),
    ]);
    expect(said(findings, 'missing')).toEqual([
      expect.stringMatching(/^nowhere .*doctor-nowhere.*PULL_PLACE_MISSING\] \| Correct its name/),
    ]);
  });

  test('a queue keeps its messages, and is told to have no dead-letter queue', async () => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'doctor' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    const findings = await look({
      connector: 'aws.cloudtrail',
      delivery: 'queue',
      queue: QueueUrl,
      queueRegion: REGION,
      buckets: ['doctor-trail'],
      endpoint,
    });
    expect(said(findings, 'ok')).toEqual([expect.stringContaining('about 1 messages wait')]);
    expect(said(findings, 'missing')).toEqual([expect.stringContaining('RedrivePolicy')]);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  test('a storage account that answers, and one that does not', async () => {
    const service = new BlobServiceClient(url, new DefaultAzureCredential(), {
      tlsOptions: { ca: readFileSync(certificates, 'utf8') },
    } as never);
    await service.getContainerClient('doctor').create();
    const blobs = (container: string, of = url) => ({
      connector: 'azure.activity',
      name: container,
      delivery: 'blobs',
      url: of,
      certificates,
      containers: [container],
    });
    expect(said(await look(blobs('doctor')), 'ok')).toHaveLength(1);
    const [refused] = await look(blobs('elsewhere', 'https://127.0.0.1:1/devstoreaccount1'));
    expect(refused).toMatchObject({ state: 'unknown' });
  });
});

test('credentials: who this is', async () => {
  const { findings, known } = await signIn('aws', subject());
  expect(known).toBe(true);
  expect(said(findings, 'ok')).toEqual([expect.stringMatching(/^AWS: arn:aws:/)]);
});

describe('coverage', () => {
  test('accounts of an organisation, their trails and their networks', async () => {
    const organizations = new OrganizationsClient({ endpoint, region: 'us-east-1' });
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const { CreateAccountStatus } = await organizations.send(
      new CreateAccountCommand({ AccountName: 'prod', Email: 'prod@example.com' }),
    );
    const member = CreateAccountStatus?.AccountId;
    await trails.send(
      new CreateTrailCommand({ Name: 'doctor', S3BucketName: 'doctor-trail', IsMultiRegionTrail: true }),
    );
    await trails.send(new StartLoggingCommand({ Name: 'doctor' }));
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '192.0.2.0/24' }));
    await ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [Vpc!.VpcId!],
        ResourceType: 'VPC',
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::doctor-flows',
      }),
    );
    const seen = subject(
      { connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'doctor-trail' },
      { connector: 'aws.vpcflow', delivery: 'bucket', bucket: 'doctor-flows' },
    );
    const findings = await examined([awsExamination(seen, Promise.resolve(null))]);
    const own = (state: string) =>
      said(findings, state)
        .filter((what) => what.startsWith(OWN))
        .join('\n');
    expect(findings[0]?.what).toMatch(
      /^covered: 1 of 2 accounts and \d+ of \d+ regions by CloudTrail, 1 of \d+ VPCs/,
    );
    expect(said(findings, 'ok')[0]).toBe('the organisation has 2 active accounts | null');
    expect(own('ok')).toContain('trail doctor of all regions goes to doctor-trail, which is collected');
    // Every region has the VPC that an account comes with.
    expect(own('ok')).toMatch(/flow logs of 1 of \d\d VPCs are collected/);
    expect(own('missing')).toContain('--enable-log-file-validation');
    expect(own('missing')).toMatch(new RegExp(`${REGION}: vpc-\\w+ has no flow log`));
    expect(own('missing')).not.toContain(`${Vpc!.VpcId} has`);
    const others = said(findings, 'missing').filter((what) => what.startsWith(`${member} (prod)`));
    expect(others[0]).toContain('CloudTrail is collected in no region');
  });
});
