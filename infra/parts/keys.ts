/** The two keys: one encrypts what is stored, one signs the ledger. Nobody deletes or disables either, unless on trial. */

import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { FUNCTIONS } from '../../functions/list.ts';
import { type Deployment, trailArn } from '../deployment.ts';

/** Days between a trial's end and its keys'. */
const PENDING_DAYS = 7;

export class Keys extends Construct {
  readonly encryption: Key;
  /** Ed25519, as vault/kms.ts asks for it. */
  readonly ledger: Key;

  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    const { name } = deployment.configuration;
    const common = { removalPolicy: deployment.removal, pendingWindow: Duration.days(PENDING_DAYS) };
    this.encryption = new Key(this, 'Encryption', {
      ...common,
      alias: `alias/${name}`,
      description: `${name}: encrypts what is stored`,
      enableKeyRotation: true,
    });
    for (const statement of services(deployment)) this.encryption.addToResourcePolicy(statement);
    this.ledger = new Key(this, 'Ledger', {
      ...common,
      alias: `alias/${name}-ledger`,
      description: `${name}: signs the ledger's checkpoints (Ed25519)`,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
    });
    const signers = FUNCTIONS.filter(({ may }) => may.includes('ledger-key:sign')).map((one) => one.name);
    this.ledger.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OtherSigners',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: {
          ArnNotEquals: { 'aws:PrincipalArn': signers.map((signer) => deployment.roleArn(signer)) },
        },
      }),
    );
    for (const key of [this.encryption, this.ledger])
      for (const statement of guards(deployment)) key.addToResourcePolicy(statement);
  }
}

/** AWS services that encrypt with the key for this account: alarms to the topic, functions' logs, the trail made here. */
function services(deployment: Deployment): PolicyStatement[] {
  const { account, configuration, arn } = deployment;
  return [
    ...(configuration.trail === 'none' ? [] : [forTrail(deployment)]),
    new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    new PolicyStatement({
      sid: 'FunctionLogs',
      principals: [new ServicePrincipal(`logs.${configuration.region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:DescribeKey',
      ],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': arn('logs', `log-group:/aws/lambda/${configuration.name}-*`),
        },
      },
    }),
  ];
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html */
const forTrail = (deployment: Deployment): PolicyStatement =>
  new PolicyStatement({
    sid: 'Trail',
    principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
    actions: ['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:DescribeKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceArn': trailArn(deployment) } },
  });

export function guards({ configuration: { trial, keyAdministrators } }: Deployment): PolicyStatement[] {
  const deny = (
    sid: string,
    actions: string[],
    conditions?: Record<string, Record<string, readonly string[]>>,
  ) =>
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      resources: ['*'],
      ...(conditions === undefined ? {} : { conditions }),
    });
  const statements: PolicyStatement[] = [];
  if (!trial)
    statements.push(
      deny('KeptForever', ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:DeleteImportedKeyMaterial']),
    );
  if (keyAdministrators.length > 0)
    statements.push(
      deny('OtherAdministrators', ['kms:PutKeyPolicy', 'kms:CreateGrant', 'kms:DisableKeyRotation'], {
        ArnNotEquals: { 'aws:PrincipalArn': keyAdministrators },
      }),
    );
  return statements;
}
