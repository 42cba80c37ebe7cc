/**
 * The bucket policy that keeps a vault's lock from being weakened by anybody who may write to the account, as data.
 *
 * What no bucket policy can do: a deleted or disabled KMS key makes locked objects unreadable, and a closed account ends
 * their protection. Deny kms:ScheduleKeyDeletion and kms:DisableKey by an organisation's policy, or encrypt the vault
 * with SSE-S3, and replicate to another account.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
 */

import type { LockMode } from './settings.ts';

export interface GuardRails {
  readonly bucket: string;
  /** Lowest retention that a write may name, days. */
  readonly leastDays: number;
  readonly mode: LockMode;
  /** ARN of the one role that may clear legal holds; none may when it is null. */
  readonly releaseRole: string | null;
  /** The organisation that callers must belong to, `o-…`; not asked when it is null. */
  readonly organisation: string | null;
  /** `aws-cn` and the like for regions apart; `aws` by default. */
  readonly partition?: string;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Deny';
  readonly Principal: '*';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Conditions within one statement must all hold, so each refusal has a statement of its own. */
export function vaultPolicy(rails: GuardRails): { Version: string; Statement: readonly Statement[] } {
  const { bucket, leastDays, mode, releaseRole, organisation, partition = 'aws' } = rails;
  const everything = [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`];
  const objects = [`arn:${partition}:s3:::${bucket}/*`];
  const deny = (
    Sid: string,
    Action: readonly string[],
    Resource: readonly string[],
    Condition?: Statement['Condition'],
  ) => ({ Sid, Effect: 'Deny', Principal: '*', Action, Resource, ...(Condition && { Condition }) }) as const;
  const statements: Statement[] = [
    deny('PlainTransport', ['s3:*'], everything, { Bool: { 'aws:SecureTransport': 'false' } }),
    deny('ShortRetention', ['s3:PutObject', 's3:PutObjectRetention'], objects, {
      // S3 counts part of a day as a whole one.
      NumericLessThan: { 's3:object-lock-remaining-retention-days': String(leastDays) },
    }),
    deny('ChangedSettings', SETTINGS, [everything[0]!]),
    deny('WeakenedLocks', ['s3:BypassGovernanceRetention', 's3:UpdateObjectEncryption'], objects),
    deny('ClearedHolds', ['s3:PutObjectLegalHold'], objects, {
      StringEquals: { 's3:object-lock-legal-hold': 'OFF' },
      ...(releaseRole === null ? {} : { ArnNotEquals: { 'aws:PrincipalArn': releaseRole } }),
    }),
  ];
  if (mode === 'compliance')
    statements.push(
      deny('OtherMode', ['s3:PutObject', 's3:PutObjectRetention'], objects, {
        StringEquals: { 's3:object-lock-mode': 'GOVERNANCE' },
      }),
    );
  if (organisation !== null)
    statements.push(
      deny('OtherOrganisations', ['s3:*'], everything, {
        StringNotEqualsIfExists: { 'aws:PrincipalOrgID': organisation },
        Bool: { 'aws:PrincipalIsAWSService': 'false' },
      }),
    );
  return { Version: '2012-10-17', Statement: statements };
}

/** What nobody changes on a vault's bucket once it is set up. */
const SETTINGS = [
  's3:PutBucketVersioning',
  's3:PutBucketObjectLockConfiguration',
  's3:PutLifecycleConfiguration',
  's3:DeleteBucket',
];

/** What a role needs that writes to both stores; reading alone needs the same without what puts and deletes. */
export const WRITER_ACTIONS = {
  vault: [
    's3:GetBucketVersioning',
    's3:GetBucketObjectLockConfiguration',
    's3:ListBucketVersions',
    // Without it a key that is not there is refused, not missing.
    's3:ListBucket',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:GetObjectRetention',
    's3:GetObjectLegalHold',
    's3:PutObject',
    's3:PutObjectRetention',
    's3:AbortMultipartUpload',
  ],
  state: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'],
} as const;
