/** What everything that is deployed is called: known before it is made, so that policies can name it. */

import type { FunctionName } from '../functions/list.ts';
import type { Configuration } from './configuration.ts';

type Named = Pick<Configuration, 'name' | 'region'>;

/** `logs`: who touched the other buckets. `trail`: what CloudTrail writes to, where a trail is made. */
export type BucketKind = 'vault' | 'state' | 'exports' | 'trail' | 'logs';

/** Bucket names are shared by all of AWS, so account and region are part of them. */
export const bucketName = ({ name, region }: Named, kind: BucketKind, account: string): string =>
  `${name}-${kind}-${account}-${region}`;

/** Of a function and of its role, which Entra and Google know it by. */
export const functionName = ({ name }: Named, of: FunctionName): string => `${name}-${of}`;

export const roleArn = (deployment: Named, of: FunctionName, account: string, partition = 'aws'): string =>
  `arn:${partition}:iam::${account}:role/${functionName(deployment, of)}`;

export const queueName = ({ name }: Named, of: string): string => `${name}-${of}`;

/** Of the queue that tells of a connector's objects; names of queues have no dots. */
export const objectQueueName = (deployment: Named, connector: string): string =>
  queueName(deployment, `objects-${dotless(connector)}`);

/** What a connector's name becomes where no dots may stand. */
export const dotless = (name: string): string => name.replaceAll('.', '-');

export const wakeQueueName = ({ name }: Named): string => `${name}-wake.fifo`;

/** Names in Glue are lower-case letters, digits and underscores, so that SQL needs no quotes. */
export const glueDatabase = ({ name }: Named): string => name.replaceAll('-', '_');

/** The role that copies the vault to another account. */
export const replicationRoleName = ({ name }: Named): string => `${name}-replication`;

/** The role that `akashi doctor` takes on in member accounts. */
export const surveyRoleName = ({ name }: Named): string => `${name}-survey`;

/** The connector that is made with a trail of this deployment. */
export const OWN_TRAIL = 'own-trail';

/** Lies in the exports bucket: the head that `verify` last found good. */
export const KNOWN_KEY = 'known/head.json';
export const PACKAGES_PREFIX = 'packages/';
export const ATHENA_PREFIX = 'athena/';
export const ICEBERG_PREFIX = 'iceberg/';

/** On everything of a trial; what does not carry it is never emptied. */
export const TRIAL_TAG = 'akashi:trial';
