import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roleOfKey } from '../../connectors/aws-cloudtrail/recognise.ts';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import { readBody } from './read-body.ts';

const awsCloudTrail = connectorById('aws.cloudtrail')!;

const samples = new URL('../../../shared/samples/aws-cloudtrail/', import.meta.url);

function bodyOf(url: URL): Buffer {
  const body = readFileSync(url);
  return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body;
}

function filesUnder(folder: URL): URL[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const url = new URL(name, folder);
      return statSync(url).isDirectory() ? filesUnder(new URL(`${name}/`, folder)) : [url];
    });
}

async function eventsOf(body: Buffer): Promise<AuditEvent[]> {
  return (await readBody(awsCloudTrail, body)).flatMap(({ outcome }) =>
    outcome.kind === 'event' ? [outcome.event] : [],
  );
}

const one = async (record: unknown): Promise<AuditEvent> =>
  (await eventsOf(Buffer.from(JSON.stringify(record))))[0]!;

test('a digest file is a digest, whatever it is called', () => {
  const digest = Buffer.from(
    JSON.stringify({
      awsAccountId: '111122223333',
      digestStartTime: '2024-01-10T09:00:00Z',
      digestEndTime: '2024-01-10T10:00:00Z',
      digestS3Bucket: 'trail-bucket',
      digestS3Object: 'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2024/01/10/x.json.gz',
      digestPublicKeyFingerprint: '31e8b5433410dfb61a9dc45cc65b22ff',
      digestSignatureAlgorithm: 'SHA256withRSA',
      logFiles: [],
    }),
  );
  expect(recognise(sampleOf('renamed', digest, true))).toMatchObject({
    connector: { id: 'aws.cloudtrail' },
    recognition: { role: 'digest' },
  });
});

test.each([
  [
    'AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/10/111122223333_CloudTrail_us-east-1_20240110T0905Z_AbCdEfGh01234567.json.gz',
    'records',
  ],
  [
    'p/AWSLogs/o-abc/111122223333/CloudTrail-Insight/us-east-1/2024/01/10/111122223333_CloudTrail-Insight_us-east-1_20240110T0905Z_a.json.gz',
    'records',
  ],
  [
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2024/01/10/111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20240110T090000Z.json.gz',
    'digest',
  ],
  ['AWSLogs/111122223333/vpcflowlogs/us-east-1/2024/01/10/x.log.gz', 'ignore'],
] as const)('%s is %s', (key, role) => expect(roleOfKey(key)).toBe(role));

test('every target is named once, the main one first, and no more than a hundred', async () => {
  const arns = Array.from({ length: 300 }, (_, n) => `arn:aws:s3:::bucket-${n}`);
  const event = await one({
    eventVersion: '1.11',
    eventSource: 's3.amazonaws.com',
    eventName: 'PutBucketPolicy',
    requestParameters: { name: 'odd', bucketName: 'main', more: [...arns, ...arns] },
  });
  expect(event.target_id).toBe('main');
  expect(event.targets).toHaveLength(100);
  expect(new Set(event.targets)).toHaveLength(100);
});

test.each([
  ['arn:aws:s3:::bucket/a/b.txt', 'a/b.txt'],
  ['arn:aws:s3:::bucket', 'bucket'],
  ['arn:aws:sns:us-east-1:111122223333:topic', 'topic'],
  ['arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/fn:*', '/aws/lambda/fn'],
  ['arn:aws:s3:::bucket/', 'bucket/'],
  ['arn:short', 'arn:short'],
])('the short name of %s is %s', async (ARN, name) => {
  const event = await one({ eventVersion: '1', eventSource: 's', eventName: 'e', resources: [{ ARN }] });
  expect(event.target_name).toBe(name);
});

test('hostile identities cost no more than honest ones', async () => {
  const long = `${'a@'.repeat(3)}${'.a'.repeat(500_000)}@`;
  // Time on the processor: others may keep the machine busy.
  const started = process.cpuUsage();
  await one({
    eventVersion: '1',
    eventSource: 's',
    eventName: 'e',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROA:${long}`,
      arn: `:assumed-role/${'/'.repeat(1e6)}`,
    },
    sourceIPAddress: long,
  });
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(500);
});

test('never throws on any userIdentity, and takes only what is there', async () => {
  const identity = fc.dictionary(
    fc.constantFrom(
      'type',
      'arn',
      'principalId',
      'accountId',
      'userName',
      'sessionContext',
      'onBehalfOf',
      'invokedBy',
    ),
    fc.oneof(
      fc.string(),
      fc.constant(null),
      fc.jsonValue(),
      fc.constantFrom('AssumedRole', 'AWSAccount', 'Root'),
    ),
  );
  await fc.assert(
    fc.asyncProperty(identity, async (userIdentity) => {
      const event = await one({ eventVersion: '1', eventSource: 's', eventName: 'e', userIdentity });
      const said = JSON.stringify(userIdentity);
      for (const value of [event.actor_id, event.actor_account, event.actor_session, event.actor_issuer]) {
        if (value !== null) expect(said).toContain(JSON.stringify(value).slice(1, -1));
      }
    }),
    { numRuns: 300 },
  );
});

describe.skipIf(!existsSync(samples))('public samples', () => {
  const files = existsSync(samples) ? filesUnder(samples) : [];

  test('each file is recognised by its content, and every record becomes an event', async () => {
    let events = 0;
    for (const url of files) {
      const body = bodyOf(url);
      const recognised = recognise(
        sampleOf('renamed', body.subarray(0, 64 * 1024), body.length <= 64 * 1024),
      );
      expect(recognised?.connector.id, url.pathname).toBe('aws.cloudtrail');
      expect(recognised?.recognition.role).toBe('records');
      const outcomes = await readBody(awsCloudTrail, body);
      expect(
        outcomes.filter(({ outcome }) => outcome.kind !== 'event'),
        url.pathname,
      ).toEqual([]);
      events += outcomes.length;
    }
    // What the samples' own list counts.
    expect({ files: files.length, events }).toEqual({ files: 125, events: 3369 });
  });

  test('all but placeholders have a time, an operation and a service', async () => {
    const events = (await Promise.all(files.map((url) => eventsOf(bodyOf(url))))).flat();
    const share = (has: (event: AuditEvent) => boolean): number => events.filter(has).length / events.length;
    expect(share(({ time }) => time !== null)).toBeGreaterThan(0.99);
    expect(share(({ operation, service }) => operation !== null && service !== null)).toBe(1);
    expect(share(({ src_ip, src_host }) => src_ip !== null || src_host !== null)).toBeGreaterThan(0.98);
    expect(share(({ actor_type }) => actor_type !== null)).toBeGreaterThan(0.95);
  });

  test('a console login without a second factor', async () => {
    const url = new URL('stratus-red-team/aws.initial-access.console-login-without-mfa.json', samples);
    const [event] = await eventsOf(bodyOf(url));
    expect(event).toMatchObject({ operation: 'ConsoleLogin', status: 'success', mfa: false });
  });

  test('LookupEvents rows say what their events say', async () => {
    const events = await eventsOf(bodyOf(new URL('lookup-events/plaso-aws_cloudtrail.jsonl', samples)));
    for (const event of events) expect(event.raw).toContain(event.uid);
  });
});
