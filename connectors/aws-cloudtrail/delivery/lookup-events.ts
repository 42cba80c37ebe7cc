/**
 * LookupEvents: management events of the last 90 days, for accounts without a trail. 50 events a page, newest first, two
 * requests a second for an account and region, throttling answered with HTTP 400.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */

import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { awsError, CLIENT, judgeAws } from '../../delivery/aws.ts';
import { keepExactBytes } from '../../delivery/exact-bytes.ts';
import type { Feed, PullRequest, Step } from '../../delivery/feed.ts';
import { askAgain, wait } from '../../delivery/retry.ts';
import type { SettingsOf } from '../../delivery/settings.ts';
import { FIRST_DAYS, type LOOKUP_SETTINGS, MOST_DAYS, OVERLAP_MINUTES } from './settings.ts';

const REQUEST_MILLIS = 500;

type Settings = SettingsOf<typeof LOOKUP_SETTINGS>;

/** For each region the instant up to which everything was fetched, milliseconds. */
export interface LookupCursor {
  readonly until: Readonly<Record<string, number>>;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Fetched and marked at a time, oldest first: a pull that is stopped goes on from the last of these. */
const SLICE = 6 * 60 * MINUTE;

export function lookupEvents(settings: Settings): Feed<LookupCursor> {
  const { regions, overlapMinutes = OVERLAP_MINUTES, firstDays = FIRST_DAYS } = settings;
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const until: Record<string, number> = { ...after?.until };
      for (const region of regions) {
        const oldest = now - MOST_DAYS * DAY;
        const last = until[region];
        const start =
          range?.since ?? (last === undefined ? now - firstDays * DAY : last - overlapMinutes * MINUTE);
        const end = range === null ? now : Math.min(range.until, now);
        for (let from = Math.max(start, oldest); from < end; from += SLICE) {
          const to = Math.min(from + SLICE, end);
          yield* slice(settings, region, from, to, request);
          until[region] = Math.max(to, last ?? 0);
          yield {
            kind: 'mark',
            ...(range === null ? { cursor: { until: { ...until } } } : {}),
            ...windowOf(settings, region, from, to),
          };
        }
      }
    },
  };
}

const windowOf = ({ account }: Settings, region: string, from: number, to: number) =>
  account === undefined ? {} : { window: { account, region, from: from * 1000, to: to * 1000 } };

async function* slice(
  { endpoint }: Settings,
  region: string,
  from: number,
  to: number,
  { signal }: PullRequest<LookupCursor>,
): AsyncGenerator<Step<LookupCursor>> {
  const client = new CloudTrailClient({ ...CLIENT, region, ...(endpoint === undefined ? {} : { endpoint }) });
  const exact = keepExactBytes(client);
  // Both ends are inclusive and counted in seconds.
  const [StartTime, EndTime] = [
    new Date(Math.floor(from / 1000) * 1000),
    new Date(Math.ceil(to / 1000) * 1000),
  ];
  const url = `${endpoint ?? `https://cloudtrail.${region}.amazonaws.com`}/`;
  try {
    let token: string | undefined;
    for (let page = 1; ; page++) {
      const asked = Date.now();
      const answer = await askAgain(
        () =>
          client.send(
            new LookupEventsCommand({
              StartTime,
              EndTime,
              MaxResults: 50,
              ...(token === undefined ? {} : { NextToken: token }),
            }),
            { abortSignal: signal },
          ),
        judgeAws,
        signal,
      ).catch((error: unknown) => {
        throw awsError(error, `looking up events of ${region}`, 'cloudtrail:LookupEvents');
      });
      // An empty page is an answer too: nothing happened.
      yield {
        kind: 'arrival',
        role: 'records',
        body: exact.last(),
        origin: `${url}?Action=LookupEvents&StartTime=${StartTime.toISOString()}&EndTime=${EndTime.toISOString()}&page=${page}`,
        versionId: null,
        metadata: {},
        modified: null,
      };
      token = answer.NextToken;
      if (token === undefined || token === '') return;
      await wait(Math.max(0, asked + REQUEST_MILLIS - Date.now()), signal);
    }
  } finally {
    client.destroy();
  }
}
