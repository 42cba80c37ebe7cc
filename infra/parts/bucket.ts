/** Buckets: private, encrypted, by TLS alone, kept when the stack goes, and their readers on record. */

import { Duration } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import type { BucketKind } from '../names.ts';
import { acknowledge } from './acknowledge.ts';

/** How long the records of who touched a bucket are kept, days. */
const ACCESS_LOG_DAYS = 400;
const UNFINISHED_DAYS = 7;

const PRIVATE = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
} as const;

const UNFINISHED = { id: 'unfinished', abortIncompleteMultipartUploadAfter: Duration.days(UNFINISHED_DAYS) };

export function privateBucket(
  scope: Construct,
  id: string,
  deployment: Deployment,
  kind: BucketKind,
  { key, logs, lifecycleRules = [], ...props }: { key: Key; logs: IBucket } & Omit<BucketProps, 'bucketName'>,
): Bucket {
  return new Bucket(scope, id, {
    ...PRIVATE,
    versioned: true,
    ...(deployment.configuration.encryption === 'kms'
      ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
      : { encryption: BucketEncryption.S3_MANAGED }),
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: `${kind}/`,
    removalPolicy: deployment.removal,
    ...props,
    bucketName: deployment.bucket(kind),
    lifecycleRules: [UNFINISHED, ...lifecycleRules],
  });
}

/** Where S3 says who touched the other buckets. */
export function accessLogs(scope: Construct, id: string, deployment: Deployment): IBucket {
  const bucket = new Bucket(scope, id, {
    ...PRIVATE,
    // S3 delivers access logs to buckets with its own encryption alone.
    encryption: BucketEncryption.S3_MANAGED,
    removalPolicy: deployment.removal,
    bucketName: deployment.bucket('logs'),
    lifecycleRules: [UNFINISHED, { id: 'old', expiration: Duration.days(ACCESS_LOG_DAYS) }],
  });
  acknowledge(
    bucket,
    'S1',
    'It holds the access logs of all other buckets; logging its own access to itself would never end.',
  );
  // The classes of CDK are not written for exactOptionalPropertyTypes.
  return bucket as unknown as IBucket;
}
