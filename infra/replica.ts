/** The vault's copy in another account: its own lock, its own key, and nobody who writes but the replication. */

import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import { deploymentOf } from './deployment.ts';
import { refused } from './members.ts';
import { replicationRoleName } from './names.ts';
import { accessLogs, privateBucket } from './parts/bucket.ts';
import { guards } from './parts/keys.ts';

/** Throws CONFIG_MISSING where the configuration has no `replica`, or no `account` that the copy comes from. */
export class ReplicaVault extends Construct {
  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const { replica, account: source, name } = configuration;
    if (replica === undefined || source === undefined)
      throw refused(
        'CONFIG_MISSING',
        id,
        `"${replica === undefined ? 'replica' : 'account'}" is not given`,
        'The copy must know which account may write to it.',
      );
    const { region, account } = replica;
    const here = deploymentOf(this, { ...configuration, region, account }, '.');
    const deployment = {
      ...here,
      bucket: (kind: Parameters<typeof here.bucket>[0]) =>
        kind === 'vault' ? replica.bucket : here.bucket(kind),
    };
    const objects = `arn:${Aws.PARTITION}:s3:::${replica.bucket}/*`;
    // By the account's root and a condition: a policy that names a role which is not made yet would be refused.
    const replication = {
      principals: [new AccountPrincipal(source)],
      conditions: {
        ArnEquals: {
          'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${source}:role/${replicationRoleName(configuration)}`,
        },
      },
    };
    const key = new Key(this, 'Key', {
      alias: `alias/${name}-replica`,
      description: `${name}: encrypts the copy of the vault`,
      enableKeyRotation: true,
      removalPolicy: here.removal,
      pendingWindow: Duration.days(7),
    });
    for (const statement of guards(here)) key.addToResourcePolicy(statement);
    key.addToResourcePolicy(
      new PolicyStatement({
        ...replication,
        sid: 'Replication',
        actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    const vault = privateBucket(this, 'Vault', deployment, 'vault', {
      key,
      logs: accessLogs(this, 'AccessLogs', deployment),
      objectLockEnabled: true,
    });
    vault.addToResourcePolicy(
      new PolicyStatement({
        ...replication,
        sid: 'Replication',
        actions: ['s3:ReplicateObject', 's3:ReplicateTags', 's3:ObjectOwnerOverrideToBucketOwner'],
        resources: [objects],
      }),
    );
    if (!configuration.trial)
      vault.addToResourcePolicy(
        new PolicyStatement({
          sid: 'KeptForever',
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: [
            's3:BypassGovernanceRetention',
            's3:DeleteObject',
            's3:DeleteObjectVersion',
            's3:PutObject',
            's3:PutObjectLegalHold',
            's3:PutObjectRetention',
          ],
          resources: [objects],
        }),
      );
    new CfnOutput(this, 'KeyArn', { description: 'For "replica.key"', value: key.keyArn });
  }
}
