/**
 * PRESERVE: the vault, where nothing can be changed or deleted before its date; the small state store beside it; and the
 * records of who touched either. The lake itself gives mode and date with every write (docs/s3.md).
 */

import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { type Bucket, type IBucket, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { FUNCTIONS, type Grant } from '../../functions/list.ts';
import { PREFIXES } from '../../vault/keys.ts';
import { vaultPolicy } from '../../vault/s3/guard-rails.ts';
import type { Configuration } from '../configuration.ts';
import type { Deployment } from '../deployment.ts';
import { glueDatabase } from '../names.ts';
import { accessLogs, privateBucket } from '../parts/bucket.ts';
import { replicate } from '../parts/replication.ts';

/** Earlier versions of the head and of cursors, days: what a mistake can be undone from. */
const STATE_VERSIONS_DAYS = 30;

/** What seals wrote is merged and given up by then: moving it would cost more than its few days. */
const LASTING_DAYS = 8;

/** S3 itself leaves objects below 128 KB where they are, which cost no less elsewhere. Locks go along. */
const moved = (id: string, prefix: string, storageClass: StorageClass, days: number) => ({
  id,
  prefix,
  transitions: [{ storageClass, transitionAfter: Duration.days(days) }],
});
const { GLACIER_INSTANT_RETRIEVAL, INTELLIGENT_TIERING } = StorageClass;
const lasting = (id: string, prefix: string) => moved(id, prefix, INTELLIGENT_TIERING, LASTING_DAYS);

/** Bodies are read once, when their rows are made, and then by whoever proves something. */
const VAULT_RULES: Readonly<Record<Configuration['storage'], readonly ReturnType<typeof moved>[]>> = {
  instant: [
    moved('bodies', `vault/${PREFIXES.evidence}`, GLACIER_INSTANT_RETRIEVAL, 0),
    lasting('tables', `vault/${PREFIXES.tables}`),
  ],
  tiering: [
    moved('bodies', `vault/${PREFIXES.evidence}`, INTELLIGENT_TIERING, 0),
    lasting('tables', `vault/${PREFIXES.tables}`),
  ],
  standard: [],
};

export class Preserve extends Construct {
  readonly vault: Bucket;
  readonly state: Bucket;
  readonly logs: IBucket;
  /** Address of the lake, as AKASHI_LAKE and `--lake` take it. */
  readonly lake: string;

  constructor(scope: Construct, id: string, deployment: Deployment, key: Key) {
    super(scope, id);
    this.logs = accessLogs(this, 'AccessLogs', deployment);
    this.vault = privateBucket(this, 'Vault', deployment, 'vault', {
      key,
      logs: this.logs,
      objectLockEnabled: true,
      lifecycleRules: [...VAULT_RULES[deployment.configuration.storage]],
    });
    for (const statement of vaultStatements(deployment)) this.vault.addToResourcePolicy(statement);
    if (deployment.configuration.replica !== undefined) replicate(this, deployment, this.vault, key);
    this.state = privateBucket(this, 'State', deployment, 'state', {
      key,
      logs: this.logs,
      lifecycleRules: [
        { id: 'earlier', noncurrentVersionExpiration: Duration.days(STATE_VERSIONS_DAYS) },
        ...(deployment.configuration.storage === 'standard' ? [] : [lasting('index', 'state/index/')]),
      ],
    });
    this.lake = lakeAddress(deployment, key);
    new CfnOutput(this, 'Lake', { description: 'For --lake and AKASHI_LAKE', value: this.lake });
  }
}

function lakeAddress({ bucket, configuration, account }: Deployment, key: Key): string {
  const { region, trial, mode, retention, retentionBySource, encryption } = configuration;
  const lock = trial
    ? ['trial=true']
    : [
        `mode=${mode}`,
        `retention=${retention}`,
        ...Object.entries(retentionBySource).map(([source, days]) => `retention.${source}=${days}`),
      ];
  const settings = [
    `state=${bucket('state')}`,
    `region=${region}`,
    `owner=${account}`,
    `glue=${glueDatabase(configuration)}`,
    `athena=${configuration.name}`,
    ...lock,
    ...(encryption === 'kms' ? [`kms=${key.keyArn}`] : []),
  ];
  return `s3://${bucket('vault')}?${settings.join('&')}`;
}

/** Said by CDK's own statement, as of every bucket. */
const SAID = 'PlainTransport';
/** Refusals that would keep a trial from being torn down. */
const NOT_ON_TRIAL = new Set(['ChangedSettings', 'WeakenedLocks', 'ClearedHolds']);

function vaultStatements(deployment: Deployment): PolicyStatement[] {
  const { configuration, bucket } = deployment;
  const { trial, mode, retention, retentionBySource, organization, holdRelease } = configuration;
  const rails = vaultPolicy({
    bucket: bucket('vault'),
    partition: Aws.PARTITION,
    leastDays: Math.min(retention, ...Object.values(retentionBySource)),
    mode,
    releaseRole: holdRelease ?? null,
    organisation: organization?.id ?? null,
  }).Statement.filter(({ Sid }) => Sid !== SAID && !(trial && NOT_ON_TRIAL.has(Sid)));
  return [
    ...rails.map((statement) => PolicyStatement.fromJson(statement)),
    ...(trial ? [] : named(deployment)),
  ];
}

/** Who may write and remove: the roles that do it for a living, and nobody else whatever IAM says. */
function named(deployment: Deployment): PolicyStatement[] {
  const { configuration, bucketArn } = deployment;
  const { writers, holdRelease } = configuration;
  const may = (...grants: Grant[]) =>
    FUNCTIONS.filter((facts) => grants.some((grant) => facts.may.includes(grant))).map(({ name }) =>
      deployment.roleArn(name),
    );
  const objects = `${bucketArn('vault')}/*`;
  const deny = (sid: string, actions: string[], but: readonly string[] | null, where: object) =>
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      ...where,
      ...(but === null ? {} : { conditions: { ArnNotEquals: { 'aws:PrincipalArn': but } } }),
    });
  return [
    deny('OtherWriters', ['s3:PutObject', 's3:PutObjectRetention'], [...may('vault:write'), ...writers], {
      resources: [objects],
    }),
    deny(
      'OtherHolders',
      ['s3:PutObjectLegalHold'],
      [...may('vault:hold'), ...writers, ...(holdRelease === undefined ? [] : [holdRelease])],
      { resources: [objects] },
    ),
    deny('DeleteMarkers', ['s3:DeleteObject'], null, { resources: [objects] }),
    deny('OtherRemovers', ['s3:DeleteObjectVersion'], may('vault:remove'), { resources: [objects] }),
    deny('KeptForever', ['s3:DeleteObjectVersion'], null, {
      notResources: [bucketArn('vault'), `${bucketArn('vault')}/vault/tables/*`],
    }),
  ];
}
