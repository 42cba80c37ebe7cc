import { expect, test } from 'vitest';
import { parseS3Address } from '../../vault/s3/settings.ts';
import { actionsOf, ofType, type Resource, type Statement, textOf } from './policies.ts';
import { ACCOUNT, EXAMPLE, LEAST, synthesised, TRIAL } from './synthesised.ts';

const example = synthesised(EXAMPLE).template;
const least = synthesised(LEAST).template;
const trial = synthesised(TRIAL).template;

const VAULT = `akashi-vault-${ACCOUNT}-eu-central-1`;
type Bucket = Resource & { readonly id: string };
const bucket = (template: typeof least, kind: string): Bucket => {
  const [id, resource] = ofType(template, 'AWS::S3::Bucket').find(
    ([, { Properties }]) => Properties['BucketName'] === `akashi-${kind}-${ACCOUNT}-eu-central-1`,
  )!;
  return { id, ...resource };
};
const policyOf = (template: typeof least, kind: string): Statement[] => {
  const { id } = bucket(template, kind);
  const [, policy] = ofType(template, 'AWS::S3::BucketPolicy').find(
    ([, { Properties }]) => (Properties['Bucket'] as { Ref: string }).Ref === id,
  )!;
  return (policy.Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
};
const said = (template: typeof least, sid: string): Statement | undefined =>
  policyOf(template, 'vault').find(({ Sid }) => Sid === sid);

test('the vault has versions and Object Lock, and no date of its own: the lake gives one with each write', () => {
  for (const template of [example, least, trial])
    expect(bucket(template, 'vault').Properties).toMatchObject({
      ObjectLockEnabled: true,
      VersioningConfiguration: { Status: 'Enabled' },
    });
  expect(bucket(least, 'vault').Properties).not.toHaveProperty('ObjectLockConfiguration');
});

test('the address of the lake is one that the lake takes, with the retention that was chosen', () => {
  const address = (template: typeof least) => {
    const [, { Properties }] = ofType(template, 'AWS::Lambda::Function').find(
      ([, one]) => one.Properties['FunctionName'] === 'akashi-seal',
    )!;
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const parts = Variables['AKASHI_LAKE'] as string | { 'Fn::Join': [string, unknown[]] };
    const text =
      typeof parts === 'string'
        ? parts
        : parts['Fn::Join'][1]
            .map((one) => (typeof one === 'string' ? one : 'arn:aws:kms:eu-central-1:1:key/k'))
            .join('');
    return parseS3Address(text);
  };
  expect(address(example)).toMatchObject({
    vault: { bucket: VAULT, prefix: '' },
    mode: 'compliance',
    retentionDays: 2557,
    sourceDays: { 'linux.auth': 400 },
    owner: ACCOUNT,
    glue: 'akashi',
    athena: 'akashi',
    region: 'eu-central-1',
  });
  expect(address(example).kmsKey).not.toBeNull();
  expect(address(trial)).toMatchObject({ mode: 'governance', retentionDays: 1 });
});

test('nobody shortens, bypasses or lifts a lock, whatever IAM allows', () => {
  for (const template of [example, least]) {
    expect(said(template, 'WeakenedLocks')).toMatchObject({ Effect: 'Deny', Principal: '*' });
    expect(actionsOf(said(template, 'WeakenedLocks')!)).toContain('s3:BypassGovernanceRetention');
    expect(said(template, 'WeakenedLocks')).not.toHaveProperty('Condition');
    expect(actionsOf(said(template, 'OtherMode')!)).toContain('s3:PutObjectRetention');
    expect(actionsOf(said(template, 'ChangedSettings')!)).toEqual(
      expect.arrayContaining([
        's3:PutBucketVersioning',
        's3:PutBucketObjectLockConfiguration',
        's3:DeleteBucket',
      ]),
    );
  }
  // The least of all sources, since each may be written with its own.
  const days = (template: typeof least) =>
    said(template, 'ShortRetention')!.Condition!['NumericLessThan']![
      's3:object-lock-remaining-retention-days'
    ];
  expect(days(example)).toBe('400');
  expect(days(least)).toBe('2557');
});

test('only named roles write, hold and remove, and removing reaches tables alone', () => {
  const but = (sid: string) =>
    (said(example, sid)!.Condition!['ArnNotEquals']!['aws:PrincipalArn'] as unknown[]).map(
      (arn) => /role\/([\w-]+)/.exec(textOf(arn))![1],
    );
  expect(but('OtherWriters')).toEqual([
    'akashi-collect',
    'akashi-ingest',
    'akashi-normalise',
    'akashi-seal',
    'akashi-stamp',
    'akashi-compact',
  ]);
  expect(but('OtherHolders')).toEqual(['akashi-seal', 'akashi-compact', 'hold-release']);
  expect(
    [said(example, 'OtherRemovers')!.Condition!['ArnNotEquals']!['aws:PrincipalArn']].flat(),
  ).toHaveLength(1);
  expect(said(example, 'DeleteMarkers')).not.toHaveProperty('Condition');
  expect(textOf(said(example, 'KeptForever')!.NotResource)).toContain('/vault/tables/*');
});

test('without trial nothing that holds evidence goes with the stack, on trial everything does', () => {
  const kept = ['AWS::S3::Bucket', 'AWS::KMS::Key'];
  for (const type of kept) {
    for (const [, { DeletionPolicy, UpdateReplacePolicy }] of [
      ...ofType(example, type),
      ...ofType(least, type),
    ])
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    for (const [, { DeletionPolicy }] of ofType(trial, type)) expect(DeletionPolicy).toBe('Delete');
  }
});

test('a trial can be emptied: no refusal stands against deleting, bypassing or the end of its keys', () => {
  const refused = new Set(
    [...policyOf(trial, 'vault')].flatMap((one) =>
      one.Effect === 'Deny' && one.Condition?.['Bool'] === undefined ? actionsOf(one) : [],
    ),
  );
  for (const action of ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:DeleteBucket'])
    expect([...refused]).not.toContain(action);
  for (const [, { Properties }] of ofType(trial, 'AWS::KMS::Key'))
    expect(textOf(Properties)).not.toContain('ScheduleKeyDeletion');
});

test('the replica gets every version with its lock, and no delete marker', () => {
  const { ReplicationConfiguration } = bucket(example, 'vault').Properties as {
    ReplicationConfiguration: { Rules: object[] };
  };
  expect(ReplicationConfiguration.Rules).toEqual([
    expect.objectContaining({
      Status: 'Enabled',
      DeleteMarkerReplication: { Status: 'Disabled' },
      Destination: expect.objectContaining({
        Account: '123456789012',
        AccessControlTranslation: { Owner: 'Destination' },
      }),
    }),
  ]);
  expect(bucket(least, 'vault').Properties).not.toHaveProperty('ReplicationConfiguration');
});

test('bodies and data files move to cheaper classes that are read at once unless told otherwise, and never expire', () => {
  const rules = (template: typeof least, kind: 'vault' | 'state' = 'vault') =>
    (
      bucket(template, kind).Properties['LifecycleConfiguration'] as {
        Rules: { Prefix?: string; Transitions?: { StorageClass: string; TransitionInDays: number }[] }[];
      }
    ).Rules.flatMap(({ Prefix, Transitions = [] }) =>
      Transitions.map(({ StorageClass, TransitionInDays }) => [Prefix, StorageClass, TransitionInDays]),
    );
  const tables = ['vault/tables/', 'INTELLIGENT_TIERING', 8];
  expect(rules(least)).toEqual([['vault/evidence/', 'GLACIER_IR', 0], tables]);
  expect(rules(least, 'state')).toEqual([['state/index/', 'INTELLIGENT_TIERING', 8]]);
  const { template: tiering } = synthesised({ ...LEAST, storage: 'tiering' });
  expect(rules(tiering)).toEqual([['vault/evidence/', 'INTELLIGENT_TIERING', 0], tables]);
  const { template: standard } = synthesised({ ...LEAST, storage: 'standard' });
  expect([...rules(standard), ...rules(standard, 'state')]).toEqual([]);
  for (const template of [example, least, trial])
    expect(textOf(bucket(template, 'vault').Properties['LifecycleConfiguration'])).not.toMatch(/Expiration/);
});

test('S3’s own keys encrypt where that is chosen, and no key is named in the lake’s address', () => {
  const { template } = synthesised({ ...LEAST, encryption: 's3' });
  expect(textOf(bucket(template, 'vault').Properties['BucketEncryption'])).toContain('AES256');
  expect(textOf(ofType(template, 'AWS::Lambda::Function'))).not.toContain('&kms=');
});
