/**
 * What people who read are given: a policy to ask through the query API, and one to read the lake itself from a machine of
 * their own. Neither writes anything that was logged, and neither touches a key's administration. Whoever attaches one
 * decides who; roles and groups are the organisation's own.
 */

import { Aws, CfnOutput } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { permissionsOf } from '../grants.ts';
import { functionName } from '../names.ts';
import type { Keys } from '../parts/keys.ts';
import { addPermissions, type Permission } from '../parts/permission.ts';

export class Readers extends Construct {
  constructor(scope: Construct, id: string, deployment: Deployment, keys: Keys) {
    super(scope, id);
    const { configuration } = deployment;
    const query = deployment.arn('lambda', `function:${functionName(configuration, 'query')}`);
    this.#policy('Ask', `${configuration.name}-ask`, 'Asks through the query API', [
      {
        actions: ['lambda:InvokeFunctionUrl'],
        resources: [query],
        conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      {
        actions: ['lambda:InvokeFunction'],
        resources: [query],
        conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
    ]);
    this.#policy(
      'Read',
      `${configuration.name}-read`,
      'Reads the lake itself, and has each question on record',
      readerPermissions(deployment, keys),
    );
  }

  #policy(id: string, name: string, description: string, permissions: readonly Permission[]): void {
    const policy = new ManagedPolicy(this, id, { managedPolicyName: name, description });
    addPermissions(policy, permissions);
    new CfnOutput(this, `${id}Policy`, {
      description: `${description}: attach it to a role or group`,
      value: policy.managedPolicyArn,
    });
  }
}

/**
 * The stores as a reader has them. The one thing that is put anywhere is the record of what was asked, into the sealer's
 * inbox, and only where nothing is: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function readerPermissions(deployment: Deployment, keys: Keys): Permission[] {
  const { configuration, bucketArn } = deployment;
  const encryption = configuration.encryption === 'kms' ? keys.encryption.keyArn : null;
  const s3 = `s3.${configuration.region}.${Aws.URL_SUFFIX}`;
  return [
    ...permissionsOf(deployment, ['vault:read', 'state:read'], { encryption, ledger: keys.ledger.keyArn }),
    {
      actions: ['s3:PutObject'],
      resources: [`${bucketArn('state')}/state/pending/custody-*`],
      conditions: { Null: { 's3:if-none-match': 'false' } },
      because: 'Records of what was asked are named by their content.',
    },
    ...(encryption === null
      ? []
      : [
          {
            actions: ['kms:GenerateDataKey'],
            resources: [encryption],
            conditions: { StringEquals: { 'kms:ViaService': s3 } },
          },
        ]),
  ];
}
