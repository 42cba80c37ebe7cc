/** What it takes to read from where logs are: as little as each connector's settings allow. */

import { Aws } from 'aws-cdk-lib';
import { WEB_IDENTITY_STATEMENT } from '../connectors/delivery/federation.ts';
import { connectorById } from '../connectors/registry.ts';
import type { ConfiguredConnector } from './configuration.ts';
import { isScheduled } from './configuration.ts';
import { byEventBridge } from './deployable.ts';
import type { Deployment } from './deployment.ts';
import type { Permission } from './parts/permission.ts';

const LOGS = 'Logs are objects that the service names as it writes them.';

/** What `collect` reads for every connector that is asked on a schedule. */
export function sourcePermissions(deployment: Deployment): Permission[] {
  const scheduled = deployment.connectors.filter(isScheduled);
  const ofAws = scheduled.filter(({ source }) => connectorById(source)?.cloud === 'aws');
  const azure = scheduled.some(({ source }) => connectorById(source)?.cloud === 'azure');
  return [
    ...ofAws.flatMap((connector) => READS[connector.delivery]?.(deployment, connector) ?? []),
    ...keyPermissions(deployment),
    // Google takes a signed sts:GetCallerIdentity, for which no right is needed.
    ...(azure
      ? [
          {
            actions: [WEB_IDENTITY_STATEMENT.Action],
            resources: [WEB_IDENTITY_STATEMENT.Resource],
            conditions: WEB_IDENTITY_STATEMENT.Condition,
            because: 'A token of one’s own has no ARN; its audience and length are fixed by the condition.',
          },
        ]
      : []),
  ];
}

/** What `ingest` reads: objects of the buckets that its queues tell of. */
export function objectPermissions(deployment: Deployment): Permission[] {
  const buckets = new Set(
    toldConnectors(deployment).flatMap(({ entry }) => [
      ...((entry['buckets'] as readonly string[] | undefined) ?? []),
      ...(typeof entry['bucket'] === 'string' ? [entry['bucket']] : []),
    ]),
  );
  return [...[...buckets].map((bucket) => objects(bucket, '')), ...keyPermissions(deployment)];
}

/** Connectors whose new objects somebody tells of. */
export const toldConnectors = ({ connectors, configuration }: Deployment): ConfiguredConnector[] =>
  connectors.filter(
    (connector) =>
      connector.delivery === 'queue' ||
      byEventBridge(configuration, connector) ||
      configuration.notifications[connector.name]?.startsWith('arn:') === true,
  );

const bucketArn = (bucket: string): string => `arn:${Aws.PARTITION}:s3:::${bucket}`;

const objects = (bucket: string, prefix: string): Permission => ({
  actions: ['s3:GetObject', 's3:GetObjectVersion'],
  resources: [`${bucketArn(bucket)}/${prefix}*`],
  because: LOGS,
});

const READS: Readonly<
  Record<string, (deployment: Deployment, connector: ConfiguredConnector) => Permission[]>
> = {
  bucket: (_, { entry }) => [
    { actions: ['s3:ListBucket'], resources: [bucketArn(String(entry['bucket']))] },
    objects(String(entry['bucket']), String(entry['prefix'] ?? '')),
  ],
  'lookup-events': () => [
    {
      actions: ['cloudtrail:LookupEvents'],
      resources: ['*'],
      because: 'CloudTrail knows no resources for LookupEvents.',
    },
  ],
  'log-group': ({ account }, { entry }) => [
    {
      actions: ['logs:FilterLogEvents'],
      resources: [
        `arn:${Aws.PARTITION}:logs:${entry['region']}:${entry['account'] ?? account}:log-group:${entry['logGroup']}:*`,
      ],
      because: 'The streams of one log group, which come and go with network interfaces.',
    },
  ],
};

function keyPermissions({ configuration: { sourceKeys } }: Deployment): Permission[] {
  return sourceKeys.length === 0 ? [] : [{ actions: ['kms:Decrypt'], resources: sourceKeys }];
}
