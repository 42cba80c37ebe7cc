/** What may stand in a configuration, and cannot work in the cloud. */

import { connectorById } from '../connectors/registry.ts';
import type { Configuration, ConfiguredConnector } from './configuration.ts';
import { isAwsBucket } from './configuration.ts';
import { refused } from './members.ts';
import { dotless, OWN_TRAIL } from './names.ts';

/**
 * Throws CONFIG_LOCAL for what exists on this machine alone, CONFIG_REGION, CONFIG_QUEUE and CONFIG_ACCOUNT for queues,
 * topics and logs that functions here cannot listen to or read, CONFIG_NAME and CONFIG_PERMISSION for what `akashi connect` was to fill in.
 */
export function checkDeployable(configuration: Configuration, where: string): void {
  for (const connector of configuration.connectors) checkConnector(configuration, connector, where);
  checkQueues(configuration, where);
  checkTopics(configuration, where);
  checkCredentials(configuration, where);
}

function checkConnector(
  configuration: Configuration,
  { name, delivery, entry }: ConfiguredConnector,
  where: string,
) {
  const at = `${where}, connector "${name}"`;
  if (dotless(name) === OWN_TRAIL && configuration.trail !== 'none')
    throw refused(
      'CONFIG_NAME',
      at,
      'the name is that of the trail made here',
      'Give the connector another "name".',
    );
  const { certificates, queue } = entry;
  if (certificates !== undefined)
    throw refused(
      'CONFIG_LOCAL',
      at,
      `"certificates" names ${JSON.stringify(certificates)}, a file of this machine, and functions have no such file`,
      'Leave it out: certificates of the vendors are known.',
    );
  for (const setting of ['endpoint', 'url']) {
    const value = entry[setting];
    if (typeof value === 'string' && isHere(value))
      throw refused(
        'CONFIG_LOCAL',
        at,
        `"${setting}" is ${value}, which a function in the cloud cannot reach`,
        'Leave it out for the vendor’s own, or name a server it can reach by https.',
      );
  }
  if (delivery === 'queue' && typeof queue === 'string') {
    const { region, name: called = '' } = queueOf(queue) ?? {};
    if (region !== configuration.region)
      throw refused(
        'CONFIG_REGION',
        at,
        `its queue ${queue} is in ${region ?? 'no region that could be told'}, and functions listen to queues of their own region, ${configuration.region}`,
        `Name a queue such as https://sqs.${configuration.region}.amazonaws.com/123456789012/trail, or list the bucket (delivery "bucket").`,
      );
    if (entry['queueRegion'] !== undefined && entry['queueRegion'] !== region)
      throw refused(
        'CONFIG_REGION',
        at,
        `"queueRegion" is ${entry['queueRegion']}, and its queue ${queue} is in ${region}`,
        'Leave "queueRegion" out.',
      );
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html: no window, and at most 10 messages.
    if (called.endsWith('.fifo'))
      throw refused(
        'CONFIG_QUEUE',
        at,
        `its queue ${queue} is a FIFO queue, and functions take up to 50 messages at once from standard queues alone`,
        'Name a standard queue, or list the bucket (delivery "bucket").',
      );
  }
  // Both APIs answer for the account that asks, whatever is entered here; coverage would be told of another.
  const { account } = entry;
  const own = configuration.account;
  if (ASKED_AT_HOME.has(delivery) && account !== undefined && own !== undefined && account !== own)
    throw refused(
      'CONFIG_ACCOUNT',
      at,
      `"account" is ${account}, and functions can ask ${delivery === 'log-group' ? 'for log groups' : 'LookupEvents'} in their own account alone, ${own}`,
      `Enter ${own}, or have the logs of ${account} delivered into a bucket (delivery "bucket" or "queue").`,
    );
}

const ASKED_AT_HOME: ReadonlySet<string> = new Set(['log-group', 'lookup-events']);

/** Messages go to one reader each: of two connectors on one queue either would miss what the other took. */
function checkQueues({ connectors }: Configuration, where: string): void {
  const told = connectors.filter(({ delivery }) => delivery === 'queue');
  for (const [at, { name, source, entry }] of told.entries()) {
    const other = told.slice(0, at).find((before) => before.entry['queue'] === entry['queue']);
    if (other !== undefined)
      throw refused(
        'CONFIG_QUEUE',
        where,
        `connectors "${other.name}" and "${name}" both read the queue ${entry['queue']}, and a message reaches only one of them`,
        other.source === source
          ? 'Name the buckets of both in "buckets" of one connector.'
          : 'Have the objects of each told to a queue of its own.',
      );
  }
}

/** A queue's URL taken apart; null for anything else. */
export function queueOf(url: string): { region: string; account: string; name: string } | null {
  const parts = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(\d{12})\/([\w-]+(?:\.fifo)?)$/.exec(
    url,
  );
  return parts === null ? null : { region: parts[1]!, account: parts[2]!, name: parts[3]! };
}

function isHere(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return (
    protocol !== 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  );
}

function checkTopics({ notifications, alarms, region }: Configuration, where: string): void {
  const topics: [string, string | undefined][] = [
    ...Object.entries(notifications).map(([name, value]): [string, string] => [
      `notifications.${name}`,
      value,
    ]),
    ['alarms.topic', alarms.topic],
  ];
  for (const [name, topic] of topics) {
    const of = topic?.startsWith('arn:') ? topic.split(':')[3] : region;
    if (of !== region)
      throw refused(
        'CONFIG_REGION',
        where,
        `"${name}" is a topic in ${of}, and the deployment is in ${region}`,
        'Name a topic of the same region.',
      );
  }
}

function checkCredentials(configuration: Configuration, where: string): void {
  const { connectors, azure, gcp, replica, encryption } = configuration;
  const missing = (what: string, wayOut: string) => refused('CONFIG_PERMISSION', where, what, wayOut);
  const of = (cloud: string) => connectors.find(({ source }) => connectorById(source)?.cloud === cloud);
  if (of('azure') !== undefined && azure?.application === undefined)
    throw missing(
      `connector "${of('azure')!.name}" reads from Azure, and "azure.application" is not given`,
      'Run `akashi connect azure`, apply what it prints, and enter the application id here.',
    );
  if (of('gcp') !== undefined && gcp?.projectNumber === undefined)
    throw missing(
      `connector "${of('gcp')!.name}" reads from Google Cloud, and "gcp.projectNumber" is not given`,
      'Run `gcloud projects describe <project> --format="value(projectNumber)"` and enter it here; `akashi connect gcp` prints the rest.',
    );
  if (replica !== undefined && encryption === 'kms' && replica.key === undefined)
    throw missing(
      '"replica.key" is not given, and the copy is encrypted with a key of the other account',
      'Deploy that account first (`npx cdk deploy --context only=replica`) and enter the key that it prints.',
    );
}

/** Whether S3 can tell EventBridge here of a bucket's new objects: nothing says it is of another account or region. */
export function byEventBridge(configuration: Configuration, connector: ConfiguredConnector): boolean {
  const { bucketOwner, bucketRegion, endpoint } = connector.entry;
  const { account, region, notifications } = configuration;
  const chosen = notifications[connector.name];
  if (!isAwsBucket(connector) || (chosen !== undefined && chosen !== 'eventbridge')) return false;
  return (
    chosen === 'eventbridge' ||
    (endpoint === undefined &&
      (bucketOwner === undefined || account === undefined || bucketOwner === account) &&
      (bucketRegion === undefined || bucketRegion === region))
  );
}
