/** Messages of SQS as feeds, by the queue they came from. */

import type { SQSRecord } from 'aws-lambda';
import { type ConfiguredFeed, configuredObjects } from '../../connectors/configured.ts';
import { AkashiError } from '../../schema/error.ts';
import { type ConnectorEntry, readEnvironment } from '../environment.ts';

/** One feed for each queue; `done` takes the ids of messages once all they name is preserved. */
export function feedsOf(
  records: readonly SQSRecord[],
  done: Set<string>,
): { feeds: ConfiguredFeed[]; refused: ReadonlyMap<string, string> } {
  const { AKASHI_OBJECT_CONNECTORS: connectors } = readEnvironment(['AKASHI_OBJECT_CONNECTORS']);
  const refused = new Map<string, string>();
  const feeds: ConfiguredFeed[] = [];
  for (const arn of new Set(records.map(({ eventSourceARN }) => eventSourceARN))) {
    const own = records.filter(({ eventSourceARN }) => eventSourceARN === arn);
    const entry = connectors[arn];
    if (entry === undefined) {
      for (const { messageId } of own)
        refused.set(messageId, `no connector in AKASHI_OBJECT_CONNECTORS has the queue ${arn}`);
      continue;
    }
    const feedOf = configuredObjects({ queue: urlOf(arn), ...entry }, `AKASHI_OBJECT_CONNECTORS, ${arn}`);
    feeds.push(
      feedOf(
        own.map(({ messageId, body }) => ({
          name: `${nameOf(entry)}#${messageId}`,
          text: body,
          acknowledge: async () => void done.add(messageId),
        })),
      ),
    );
  }
  return { feeds, refused };
}

const nameOf = ({ connector, name }: ConnectorEntry): string => (typeof name === 'string' ? name : connector);

/** `arn:aws:sqs:eu-west-1:111122223333:trail` as its URL. */
function urlOf(arn: string): string {
  const [, , , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** In the order of the messages. */
export const outcomes = (
  records: readonly SQSRecord[],
  done: ReadonlySet<string>,
  refused: ReadonlyMap<string, string>,
): PromiseSettledResult<void>[] =>
  records.map(({ messageId }) =>
    done.has(messageId)
      ? { status: 'fulfilled', value: undefined }
      : {
          status: 'rejected',
          reason: new AkashiError(
            'INGEST_LEFT',
            refused.get(messageId) ?? 'not all that it names is preserved',
          ),
        },
  );
