/**
 * Flow logs in CloudWatch Logs, page by page.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */

import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { awsError, CLIENT, judgeAws } from '../../delivery/aws.ts';
import { keepExactBytes } from '../../delivery/exact-bytes.ts';
import type { Feed, PullRequest, Step } from '../../delivery/feed.ts';
import { askAgain } from '../../delivery/retry.ts';
import type { SettingsOf } from '../../delivery/settings.ts';
import { FIRST_DAYS, type LOG_GROUP_SETTINGS, OVERLAP_MINUTES } from './settings.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const SLICE = 60 * MINUTE;

type Settings = SettingsOf<typeof LOG_GROUP_SETTINGS>;

/** The instant up to which everything was fetched, milliseconds. */
export interface LogGroupCursor {
  readonly until: number;
}

export function logGroup(settings: Settings): Feed<LogGroupCursor> {
  const { account, region, overlapMinutes = OVERLAP_MINUTES, firstDays = FIRST_DAYS } = settings;
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const start =
        range?.since ?? (after === null ? now - firstDays * DAY : after.until - overlapMinutes * MINUTE);
      const end = range === null ? now : Math.min(range.until, now);
      for (let from = start; from < end; from += SLICE) {
        const to = Math.min(from + SLICE, end);
        yield* slice(settings, from, to, request);
        const window =
          account === undefined ? {} : { window: { account, region, from: from * 1000, to: to * 1000 } };
        const cursor = range === null ? { cursor: { until: Math.max(to, after?.until ?? 0) } } : {};
        yield { kind: 'mark', ...cursor, ...window };
      }
    },
  };
}

async function* slice(
  { logGroup: name, region, endpoint }: Settings,
  from: number,
  to: number,
  { signal }: PullRequest<LogGroupCursor>,
): AsyncGenerator<Step<LogGroupCursor>> {
  const client = new CloudWatchLogsClient({
    ...CLIENT,
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const exact = keepExactBytes(client);
  const url = `${endpoint ?? `https://logs.${region}.amazonaws.com`}/?Action=FilterLogEvents&logGroupName=${encodeURIComponent(name)}`;
  try {
    let token: string | undefined;
    for (let page = 1; ; page++) {
      const answer = await askAgain(
        () =>
          client.send(
            new FilterLogEventsCommand({
              logGroupName: name,
              startTime: from,
              // Inclusive, milliseconds.
              endTime: to - 1,
              ...(token === undefined ? {} : { nextToken: token }),
            }),
            { abortSignal: signal },
          ),
        judgeAws,
        signal,
      ).catch((error: unknown) => {
        throw awsError(error, `reading the log group ${name} of ${region}`, 'logs:FilterLogEvents');
      });
      // Pages without events come between others while CloudWatch searches on: they hold nothing.
      if ((answer.events ?? []).length > 0)
        yield {
          kind: 'arrival',
          role: 'records',
          body: exact.last(),
          origin: `${url}&startTime=${from}&endTime=${to - 1}&page=${page}`,
          versionId: null,
          metadata: {},
          modified: null,
        };
      token = answer.nextToken;
      if (token === undefined || token === '') return;
    }
  } finally {
    client.destroy();
  }
}
