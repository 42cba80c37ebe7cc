/** The rights that functions/list.ts names, as what IAM is told. */

import { Aws } from 'aws-cdk-lib';
import type { Grant } from '../functions/list.ts';
import { WRITER_ACTIONS } from '../vault/s3/guard-rails.ts';
import type { Deployment } from './deployment.ts';
import {
  ATHENA_PREFIX,
  functionName,
  glueDatabase,
  KNOWN_KEY,
  PACKAGES_PREFIX,
  wakeQueueName,
} from './names.ts';
import type { Permission } from './parts/permission.ts';
import { objectPermissions, sourcePermissions } from './sources.ts';

export interface GrantedKeys {
  /** ARN of the key that encrypts; null where S3's own do. */
  readonly encryption: string | null;
  readonly ledger: string;
}

const OBJECTS = 'Keys below this prefix are hashes and dates, made as logs come.';

const isBucketAction = (action: string): boolean => /^s3:(?:GetBucket|List)/.test(action);
const isWrite = (action: string): boolean => /^s3:(?:Put|Abort|Delete)/.test(action);

/** All that a function may do. */
export function permissionsOf(
  deployment: Deployment,
  grants: readonly Grant[],
  keys: GrantedKeys,
): Permission[] {
  const stored = grants.some((grant) => /^(?:vault|state|exports|known):/.test(grant));
  const writes = grants.some((grant) => /:write$|^athena:/.test(grant));
  return [
    ...grants.flatMap((grant) => GRANTS[grant](deployment, keys)),
    ...(stored && keys.encryption !== null
      ? [
          {
            actions: ['kms:Decrypt', ...(writes ? ['kms:GenerateDataKey'] : [])],
            resources: [keys.encryption],
          },
        ]
      : []),
  ];
}

const vaultObjects = ({ bucketArn }: Deployment) => [`${bucketArn('vault')}/vault/*`];
const stateObjects = ({ bucketArn }: Deployment) => [`${bucketArn('state')}/state/*`];
const invoke =
  (of: 'normalise' | 'execute' | 'export') =>
  (deployment: Deployment): Permission[] => [
    {
      actions: ['lambda:InvokeFunction'],
      resources: [deployment.arn('lambda', `function:${functionName(deployment.configuration, of)}`)],
    },
  ];

/** Who seals lets the tables of Glue follow. */
const glue = ({ arn, configuration }: Deployment): Permission[] => [
  {
    actions: ['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
    resources: [
      arn('glue', 'catalog'),
      arn('glue', `database/${glueDatabase(configuration)}`),
      arn('glue', `table/${glueDatabase(configuration)}/*`),
    ],
    because: 'The tables of this deployment’s own database.',
  },
];

/**
 * Athena reads tables and writes answers with the rights of whoever asks, so these are what it needs as well.
 * https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html
 */
export const athena = ({ arn, configuration, bucketArn }: Deployment): Permission[] => [
  {
    actions: [
      'athena:StartQueryExecution',
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StopQueryExecution',
    ],
    resources: [arn('athena', `workgroup/${configuration.name}`)],
  },
  {
    actions: ['glue:GetDatabase', 'glue:GetTable'],
    resources: [
      arn('glue', 'catalog'),
      arn('glue', `database/${glueDatabase(configuration)}`),
      arn('glue', `table/${glueDatabase(configuration)}/*`),
    ],
    because: 'The tables of this deployment’s own database.',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    resources: [`${bucketArn('exports')}/${ATHENA_PREFIX}*`],
    because: 'Athena names its answers when it is asked.',
  },
  {
    actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
    resources: [bucketArn('exports')],
  },
  // Data files are found by their table's metadata alone; Athena asks where their bucket is.
  { actions: ['s3:GetBucketLocation'], resources: [bucketArn('vault')] },
];

/** The one secret, and the key that encrypts it where it is one of their own: by way of the service that keeps it alone. */
const tsaSecret = ({ configuration: { stamp } }: Deployment): Permission[] => {
  const { authorization, authorizationKey } = stamp;
  if (authorization === undefined) return [];
  const [, , service = '', region = ''] = authorization.split(':');
  return [
    {
      actions: [service === 'ssm' ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue'],
      resources: [authorization],
    },
    ...(authorizationKey === undefined
      ? []
      : [
          {
            actions: ['kms:Decrypt'],
            resources: [authorizationKey],
            conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${Aws.URL_SUFFIX}` } },
          },
        ]),
  ];
};

const GRANTS: Readonly<Record<Grant, (deployment: Deployment, keys: GrantedKeys) => Permission[]>> = {
  'vault:read': (deployment) => [
    { actions: WRITER_ACTIONS.vault.filter(isBucketAction), resources: [deployment.bucketArn('vault')] },
    {
      actions: WRITER_ACTIONS.vault.filter((action) => !isBucketAction(action) && !isWrite(action)),
      resources: vaultObjects(deployment),
      because: OBJECTS,
    },
  ],
  'vault:write': (deployment) => [
    { actions: WRITER_ACTIONS.vault.filter(isWrite), resources: vaultObjects(deployment), because: OBJECTS },
  ],
  'vault:hold': (deployment) => [
    { actions: ['s3:PutObjectLegalHold'], resources: vaultObjects(deployment), because: OBJECTS },
  ],
  'vault:remove': ({ bucketArn }) => [
    {
      actions: ['s3:DeleteObjectVersion'],
      resources: [`${bucketArn('vault')}/vault/tables/*`],
      because:
        'Data files that a compaction replaced. S3 refuses what is locked, and the bucket policy all else.',
    },
  ],
  'state:read': (deployment) => [
    { actions: ['s3:ListBucket'], resources: [deployment.bucketArn('state')] },
    { actions: ['s3:GetObject'], resources: stateObjects(deployment), because: OBJECTS },
  ],
  'state:write': (deployment) => [
    { actions: WRITER_ACTIONS.state.filter(isWrite), resources: stateObjects(deployment), because: OBJECTS },
  ],
  'ledger-key:sign': (deployment, { ledger }) => [
    { actions: ['kms:GetPublicKey', 'kms:Sign'], resources: [ledger] },
    ...glue(deployment),
  ],
  'wake:send': ({ arn, configuration }) => [
    { actions: ['sqs:SendMessage'], resources: [arn('sqs', wakeQueueName(configuration))] },
  ],
  'sources:read': sourcePermissions,
  'objects:read': objectPermissions,
  'normalise:invoke': invoke('normalise'),
  'execute:invoke': invoke('execute'),
  'athena:ask': athena,
  'export:invoke': invoke('export'),
  'tsa-secret:read': tsaSecret,
  'exports:write': ({ bucketArn }) => [
    {
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: [`${bucketArn('exports')}/${PACKAGES_PREFIX}*`],
      because: 'Packages are named when they are asked for.',
    },
  ],
  'known:write': ({ bucketArn }) => [
    { actions: ['s3:GetObject', 's3:PutObject'], resources: [`${bucketArn('exports')}/${KNOWN_KEY}`] },
    // Without it S3 answers 403 instead of 404 for what is not there yet.
    { actions: ['s3:ListBucket'], resources: [bucketArn('exports')] },
  ],
};
