/** Feeds as a configuration names them: the same members in a file, on a command line and in infrastructure as code. */

import { meant } from '../schema/edit-distance.ts';
import { AkashiError } from '../schema/error.ts';
import type { FeedDelivery } from './contract.ts';
import { QUEUE_SETTINGS } from './delivery/bucket-settings.ts';
import type { Feed } from './delivery/feed.ts';
import type { ObjectMessage } from './delivery/queue.ts';
import { readSettings } from './delivery/settings.ts';
import { connectorById, connectors } from './registry.ts';

export interface ConfiguredFeed {
  /** Its cursor's name. */
  readonly name: string;
  /** Connector id. */
  readonly source: string;
  /** Which of the connector's feeds. */
  readonly delivery: string;
  readonly place: string | null;
  /** Somebody says which objects there are: none is looked for, so that nothing has to be known of those held. */
  readonly told?: true;
  open(): Promise<Feed>;
}

const NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;

/** Every feed there is: connector id and its ways of delivery. */
export const feedsOf = (source: string): FeedDelivery[] =>
  (connectorById(source)?.delivery ?? []).filter((way) => way.kind === 'feed');

/**
 * One entry of a configuration: `connector`, `delivery` where the connector has several, `name`, and the settings of that
 * delivery. Throws CONNECTOR_UNKNOWN, DELIVERY_UNKNOWN and CONNECTOR_SETTING.
 */
export function configuredFeed(entry: unknown, where: string): ConfiguredFeed {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new AkashiError(
      'CONNECTOR_SETTING',
      `${where}: it must be an object such as {"connector": "aws.cloudtrail", …}.`,
    );
  const { connector, delivery, name = connector, ...given } = entry as Record<string, unknown>;
  const pullable = connectors.map(({ id }) => id).filter((id) => feedsOf(id).length > 0);
  if (typeof connector !== 'string' || !pullable.includes(connector))
    throw new AkashiError(
      'CONNECTOR_UNKNOWN',
      `${where}: "connector" is ${JSON.stringify(connector) ?? 'not given'}, and must be one that can be pulled${typeof connector === 'string' ? meant(connector, pullable) : ''}: ${pullable.join(', ')}.`,
    );
  if (typeof name !== 'string' || !NAME.test(name))
    throw new AkashiError(
      'CONNECTOR_SETTING',
      `${where}: "name" is ${JSON.stringify(name)}, and must be lower-case letters and digits with dots or hyphens between them.`,
    );
  const ways = feedsOf(connector);
  const way = delivery === undefined && ways.length === 1 ? ways[0] : ways.find(({ id }) => id === delivery);
  if (way === undefined)
    throw new AkashiError(
      'DELIVERY_UNKNOWN',
      `${where}: "delivery" is ${JSON.stringify(delivery) ?? 'not given'}, and ${connector} has: ${ways.map(({ id }) => id).join(', ')}.`,
    );
  const settings = readSettings(way.settings, given, `${where} (${connector}, ${way.id})`);
  return {
    name,
    source: connector,
    delivery: way.id,
    place: way.place(settings),
    ...(way.settings === QUEUE_SETTINGS ? { told: true } : {}),
    open: () => way.open(settings),
  };
}

/**
 * The same entry for messages that somebody else takes from its queue: feeds of their objects. Throws as `configuredFeed`
 * does, and CONNECTOR_SETTING for one that is no queue.
 */
export function configuredObjects(
  entry: unknown,
  where: string,
): (messages: readonly ObjectMessage[]) => ConfiguredFeed {
  const feed = configuredFeed(entry, where);
  const role = connectorById(feed.source)?.delivery.find((way) => way.kind === 'objects')?.role;
  if (feed.delivery !== 'queue' || role === undefined)
    throw new AkashiError(
      'CONNECTOR_SETTING',
      `${where}: "delivery" is "${feed.delivery}", and only a connector with "delivery": "queue" is told of objects.`,
    );
  const { connector: _, delivery: __, name: ___, ...given } = entry as Record<string, unknown>;
  const settings = readSettings(QUEUE_SETTINGS, given, where);
  return (messages) => ({
    ...feed,
    open: async () => (await import('./delivery/queue.ts')).givenMessages(settings, role, messages),
  });
}

/** All entries of a configuration's `connectors`. Throws as `configuredFeed` does, and for a name given twice. */
export function configuredFeeds(text: string, where: string): ConfiguredFeed[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AkashiError('CONNECTOR_SETTING', `${where} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const list = (value as { connectors?: unknown } | null)?.connectors;
  if (!Array.isArray(list))
    throw new AkashiError(
      'CONNECTOR_SETTING',
      `${where} must be {"connectors": [{"connector": "aws.cloudtrail", "delivery": "bucket", "bucket": "my-trail"}]}.`,
    );
  const feeds = list.map((entry, at) => configuredFeed(entry, `${where}, connector ${at + 1}`));
  const twice = feeds.find(({ name }, at) => feeds.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined)
    throw new AkashiError(
      'CONNECTOR_SETTING',
      `${where}: two connectors are named "${twice.name}", and would share a cursor. Give each a "name" of its own.`,
    );
  return feeds;
}
