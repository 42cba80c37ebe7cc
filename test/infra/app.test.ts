import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, expect, test } from 'vitest';
import { appOf } from '../../infra/app.ts';
import { AuditTrail } from '../../infra/audit-trail.ts';
import type { AuditTrailConfiguration } from '../../infra/configuration.ts';
import { ofType, textOf } from './policies.ts';
import { EXAMPLE, emptyBuild, LEAST, synthesised } from './synthesised.ts';

const build = emptyBuild();
const folder = mkdtempSync(join(tmpdir(), 'akashi-app-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'audit-trail.json');

function made(configuration: object, context: Readonly<Record<string, string>> = {}): App {
  writeFileSync(file, JSON.stringify(configuration));
  const app = new App({
    builtinCloudFormationValidation: false,
    analyticsReporting: false,
    context: { config: file, build, ...context },
  });
  return appOf(app);
}

test('one file makes one stack, which cannot be deleted by mistake', () => {
  const [stack] = made(LEAST).node.children.filter((one) => Stack.isStack(one)) as Stack[];
  expect(stack).toMatchObject({ stackName: 'akashi', region: 'eu-central-1', terminationProtection: true });
});

test('the copy in the other account takes what the replication writes, and nothing else', () => {
  const app = made(EXAMPLE, { only: 'replica' });
  const [stack] = app.node.children.filter((one) => Stack.isStack(one)) as Stack[];
  expect(stack).toMatchObject({ account: '123456789012', region: 'eu-west-1' });
  const template = Template.fromStack(stack!);
  const vault = ofType(template, 'AWS::S3::Bucket').find(
    ([, { Properties }]) => Properties['BucketName'] === 'example-vault-replica',
  )!;
  expect(vault[1].Properties).toMatchObject({
    ObjectLockEnabled: true,
    VersioningConfiguration: { Status: 'Enabled' },
  });
  const policy = textOf(ofType(template, 'AWS::S3::BucketPolicy'));
  expect(policy).toContain('role/akashi-replication');
  expect(policy).toContain('"Sid":"KeptForever"');
  expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
});

const { key: _, ...noKey } = EXAMPLE.replica!;
const bucketOf = (more: object) => ({
  connector: 'aws.cloudtrail',
  name: 'org',
  delivery: 'bucket',
  bucket: 'example-trail',
  ...more,
});
const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/111122223333/trail';
const queueOf = (more: object) => ({
  connector: 'aws.cloudtrail',
  name: 'told',
  delivery: 'queue',
  queue: QUEUE,
  buckets: ['example-trail'],
  ...more,
});
/** What only the cloud refuses. */
const REFUSED: [what: string, configuration: AuditTrailConfiguration, code: string, ...says: string[]][] = [
  [
    'a replica without its key',
    { ...EXAMPLE, replica: noKey },
    'CONFIG_PERMISSION',
    'replica.key',
    'only=replica',
  ],
  [
    'Azure without an application',
    { ...EXAMPLE, azure: { tenant: EXAMPLE.azure!.tenant } },
    'CONFIG_PERMISSION',
    'azure.application',
    'akashi connect azure',
  ],
  [
    'Google without a number',
    { ...EXAMPLE, gcp: { project: 'example-project' } },
    'CONFIG_PERMISSION',
    'gcp.projectNumber',
    'gcloud projects describe',
  ],
  [
    'a server of this machine',
    { ...LEAST, connectors: [bucketOf({ endpoint: 'http://127.0.0.1:9000' })] },
    'CONFIG_LOCAL',
    'http://127.0.0.1:9000',
    'https',
  ],
  [
    'a file of this machine',
    {
      ...EXAMPLE,
      connectors: [
        {
          connector: 'azure.signin',
          delivery: 'workspace',
          workspace: '11111111-2222-3333-4444-555555555555',
          certificates: 'ca.pem',
        },
      ],
      schedule: {},
      notifications: {},
    },
    'CONFIG_LOCAL',
    'ca.pem',
  ],
  [
    'a queue of another region',
    {
      ...LEAST,
      connectors: [
        {
          connector: 'aws.cloudtrail',
          delivery: 'queue',
          queue: 'https://sqs.us-east-1.amazonaws.com/111122223333/trail',
          buckets: ['example-trail'],
        },
      ],
    },
    'CONFIG_REGION',
    'us-east-1',
    'eu-central-1',
  ],
  [
    'a queue and a "queueRegion" that contradict',
    { ...LEAST, connectors: [queueOf({ queueRegion: 'us-east-1' })] },
    'CONFIG_REGION',
    '"queueRegion" is us-east-1',
    'eu-central-1',
    'out',
  ],
  [
    'a FIFO queue',
    { ...LEAST, connectors: [queueOf({ queue: `${QUEUE}.fifo` })] },
    'CONFIG_QUEUE',
    `${QUEUE}.fifo`,
    'standard queue',
  ],
  [
    'one queue for two connectors',
    { ...LEAST, connectors: [queueOf({}), queueOf({ name: 'more', buckets: ['example-more'] })] },
    'CONFIG_QUEUE',
    '"told" and "more"',
    QUEUE,
    'of one connector',
  ],
  [
    'a log group of another account',
    {
      ...LEAST,
      account: '111122223333',
      connectors: [
        {
          connector: 'aws.vpcflow',
          delivery: 'log-group',
          logGroup: '/vpc/flows',
          region: 'eu-central-1',
          account: '123456789012',
        },
      ],
    },
    'CONFIG_ACCOUNT',
    '123456789012',
    '111122223333',
    'delivery "bucket"',
  ],
  [
    'a topic of another region',
    { ...LEAST, notifications: { org: 'arn:aws:sns:us-east-1:111122223333:trail' } },
    'CONFIG_REGION',
    'us-east-1',
    'same region',
  ],
  [
    'the trail’s own name',
    { ...LEAST, trail: 'account', connectors: [bucketOf({ name: 'own-trail' })] },
    'CONFIG_NAME',
    'own-trail',
    'another "name"',
  ],
];

test.each(REFUSED)('%s is refused at synthesis', (_what, configuration, code, ...says) => {
  let error: unknown;
  try {
    synthesised(configuration);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code });
  for (const words of says) expect((error as Error).message).toContain(words);
});

test('a stack of another region is refused', () => {
  const stack = new Stack(new App(), 'Akashi', { env: { region: 'us-east-1' } });
  expect(() => new AuditTrail(stack, 'AuditTrail', { ...LEAST, build })).toThrow(/us-east-1.*eu-central-1/);
});

test('what was not built yet is named with the command that builds it', () => {
  expect(() => made(LEAST, { build: folder })).toThrow(/BUILD_MISSING|npm run (?:bundle|layer)/);
});

test('a missing file is named with the way out', () => {
  const app = new App({ context: { config: join(folder, 'none.json') } });
  expect(() => appOf(app)).toThrow(/none\.json.*docs\/deploy\.md/);
});

test('a configuration that is not there, or cannot be read, is refused by its path', () => {
  const at = (config: string) => () => appOf(new App({ analyticsReporting: false, context: { config } }));
  expect(at(join(folder, 'none.json'))).toThrow(/none\.json: there is no such file\. Write one/);
  expect(at(folder)).toThrow(/cannot be read: EISDIR.*--context config=FILE/);
});
