/** The vault's copy in another account, which outlives this one. */

import { Aws } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { replicationRoleName } from '../names.ts';
import { allow } from './permission.ts';

const OBJECTS = 'Every object of the vault is copied, whatever it is called.';

/**
 * Copies every version with its lock; delete markers are not copied.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
 */
export function replicate(scope: Construct, deployment: Deployment, vault: Bucket, key: Key): void {
  const { configuration, bucketArn } = deployment;
  const { replica, encryption, region } = configuration;
  if (replica === undefined) return;
  const destination = `arn:${Aws.PARTITION}:s3:::${replica.bucket}`;
  const role = new Role(scope, 'Replication', {
    roleName: replicationRoleName(configuration),
    description: 'Copies the vault to the other account',
    assumedBy: new ServicePrincipal('s3.amazonaws.com'),
  });
  allow(scope, 'MayReplicate', role, [
    { actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'], resources: [bucketArn('vault')] },
    {
      actions: [
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      resources: [`${bucketArn('vault')}/*`],
      because: OBJECTS,
    },
    {
      actions: ['s3:ReplicateObject', 's3:ReplicateTags', 's3:ObjectOwnerOverrideToBucketOwner'],
      resources: [`${destination}/*`],
      because: OBJECTS,
    },
    ...(encryption === 'kms'
      ? [
          {
            actions: ['kms:Decrypt'],
            resources: [key.keyArn],
            conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
          },
          {
            actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
            resources: [replica.key!],
            conditions: { StringEquals: { 'kms:ViaService': `s3.${replica.region}.amazonaws.com` } },
          },
        ]
      : []),
  ]);
  (vault.node.defaultChild as CfnBucket).replicationConfiguration = {
    role: role.roleArn,
    rules: [
      {
        id: 'vault',
        status: 'Enabled',
        priority: 1,
        filter: { prefix: '' },
        deleteMarkerReplication: { status: 'Disabled' },
        ...(encryption === 'kms'
          ? { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } }
          : {}),
        destination: {
          bucket: destination,
          account: replica.account,
          accessControlTranslation: { owner: 'Destination' },
          ...(encryption === 'kms' ? { encryptionConfiguration: { replicaKmsKeyId: replica.key! } } : {}),
          metrics: { status: 'Enabled' },
        },
      },
    ],
  };
}
