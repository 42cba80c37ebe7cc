import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coverageOf } from '../../stages/coverage.ts';

/** A CloudTrail event with all that API Activity asks; what is null is left out. */
function call(eventName: string, eventSource: string, change: Record<string, unknown> = {}): object {
  return {
    eventVersion: '1.08',
    eventTime: '2026-03-01T10:00:00Z',
    userIdentity: { type: 'IAMUser', userName: 'ana', arn: 'arn:aws:iam::123456789012:user/ana' },
    eventSource,
    eventName,
    sourceIPAddress: '192.0.2.1',
    requestParameters: null,
    eventID: `${eventName}-${eventSource}`,
    ...change,
  };
}

async function fallbacks(...records: object[]): Promise<readonly [events: number, fellBack: number]> {
  const folder = await mkdtemp(join(tmpdir(), 'coverage-'));
  try {
    await writeFile(join(folder, 'trail.json'), JSON.stringify({ Records: records }));
    const { sources } = await coverageOf([folder]);
    expect(sources.map(({ source }) => source)).toEqual(['aws.cloudtrail']);
    return [sources[0]!.events, sources[0]!.fellBack];
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('counts the events that lack what their class requires, whichever class took its place', async () => {
  const counted = await fallbacks(
    call('DescribeInstances', 'ec2.amazonaws.com'),
    // To whom and what was granted is not said: a more general class of accounts takes it, not API Activity.
    call('AddRoleToInstanceProfile', 'iam.amazonaws.com', {
      requestParameters: { instanceProfileName: 'web' },
    }),
    // Whence it came is not said: no API Activity.
    call('DescribeVolumes', 'ec2.amazonaws.com', { sourceIPAddress: null }),
  );
  expect(counted).toEqual([3, 2]);
});

test.each([
  ['Decrypt', 'kms.amazonaws.com', {}],
  ['GenerateDataKey', 'kms.amazonaws.com', { keyId: 'alias/app' }],
  ['GetSecretValue', 'secretsmanager.amazonaws.com', { secretId: 'app' }],
  ['GetParameter', 'ssm.amazonaws.com', { name: '/app' }],
])(
  '%s works on no datastore that OCSF knows, and is the API Activity it was meant to be',
  async (name, source, parameters) => {
    expect(await fallbacks(call(name, source, { requestParameters: parameters }))).toEqual([1, 0]);
  },
);
