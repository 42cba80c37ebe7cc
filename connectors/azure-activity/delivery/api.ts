/**
 * The Activity Log of a subscription over Azure's management API, the last 90 days.
 * https://learn.microsoft.com/en-us/rest/api/monitor/activity-logs/list
 */

import { AkashiError } from '../../../schema/error.ts';
import { azureAuthorize, azureCredential, RENEW_AZURE } from '../../delivery/azure.ts';
import { type ACTIVITY_API_SETTINGS, activityRange } from '../../delivery/azure-settings.ts';
import type { Feed, PullRequest, Step } from '../../delivery/feed.ts';
import { type Authorize, askHttp, httpError, wholeBody } from '../../delivery/http.ts';
import type { SettingsOf } from '../../delivery/settings.ts';

const ENDPOINT = 'https://management.azure.com';
const SCOPE = 'https://management.azure.com/.default';
const API_VERSION = '2015-04-01';
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const MOST_DAYS = 90;
const SLICE = 6 * 60 * MINUTE;

/** For each subscription the instant up to which everything was fetched, milliseconds. */
export interface ActivityCursor {
  readonly until: Readonly<Record<string, number>>;
}

type Settings = SettingsOf<typeof ACTIVITY_API_SETTINGS>;

export function activityApi(settings: Settings): Feed<ActivityCursor> {
  const { overlapMinutes, firstDays } = activityRange(settings);
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const authorize = azureAuthorize(azureCredential(), SCOPE);
      const until: Record<string, number> = { ...after?.until };
      for (const subscription of settings.subscriptions) {
        const last = until[subscription];
        const start =
          range?.since ?? (last === undefined ? now - firstDays * DAY : last - overlapMinutes * MINUTE);
        const end = range === null ? now : Math.min(range.until, now);
        for (let from = Math.max(start, now - MOST_DAYS * DAY); from < end; from += SLICE) {
          const to = Math.min(from + SLICE, end);
          yield* slice(settings, subscription, from, to, authorize, request);
          until[subscription] = Math.max(to, last ?? 0);
          yield {
            kind: 'mark',
            ...(range === null ? { cursor: { until: { ...until } } } : {}),
            window: { account: subscription, region: null, from: from * 1000, to: to * 1000 },
          };
        }
      }
    },
  };
}

async function* slice(
  { endpoint = ENDPOINT }: Settings,
  subscription: string,
  from: number,
  to: number,
  authorize: Authorize,
  { signal }: PullRequest<ActivityCursor>,
): AsyncGenerator<Step<ActivityCursor>> {
  const [start, end] = [new Date(from).toISOString(), new Date(to).toISOString()];
  const query = new URLSearchParams({
    'api-version': API_VERSION,
    $filter: `eventTimestamp ge '${start}' and eventTimestamp le '${end}'`,
  });
  let url = `${endpoint}/subscriptions/${subscription}/providers/Microsoft.Insights/eventtypes/management/values?${query}`;
  for (let page = 1; ; page++) {
    const body = await askHttp({ method: 'GET', url }, authorize, signal, wholeBody).catch(
      (error: unknown) => {
        throw httpError(
          error,
          `reading the Activity Log of ${subscription}`,
          'Microsoft.Insights/eventtypes/values/Read (the role Monitoring Reader)',
          RENEW_AZURE,
        );
      },
    );
    const { rows, next } = shapeOf(body);
    if (rows > 0)
      yield {
        kind: 'arrival',
        role: 'records',
        body,
        origin: `${endpoint}/subscriptions/${subscription}/providers/Microsoft.Insights/eventtypes/management/values?from=${start}&to=${end}&page=${page}`,
        versionId: null,
        metadata: {},
        modified: null,
      };
    if (next === null) return;
    // The token goes to the API and to nobody whom an answer names.
    if (new URL(next).origin !== new URL(endpoint).origin)
      throw new AkashiError(
        'PULL_ANSWER',
        `The Activity Log's next page is said to be at ${new URL(next).origin}, which is not ${endpoint}; it was not asked.`,
      );
    url = next;
  }
}

function shapeOf(bytes: Uint8Array): { rows: number; next: string | null } {
  try {
    const { value, nextLink } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      value?: unknown;
      nextLink?: unknown;
    };
    const next = typeof nextLink === 'string' && nextLink !== '' ? new URL(nextLink).href : null;
    return { rows: Array.isArray(value) ? value.length : 0, next };
  } catch (cause) {
    throw new AkashiError(
      'PULL_ANSWER',
      'Azure answered for the Activity Log with something that is no JSON.',
      { cause },
    );
  }
}
