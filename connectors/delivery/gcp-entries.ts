/**
 * Entries of Cloud Logging, page by page over REST: the response's own bytes are the evidence.
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
 */

import { AkashiError } from '../../schema/error.ts';
import type { Feed, PullRequest, Step } from './feed.ts';
import { type ENTRIES_SETTINGS, entriesRange } from './gcp-settings.ts';
import { googleCredentials, RENEW_GOOGLE } from './google.ts';
import { type Authorize, askHttp, httpError, wholeBody } from './http.ts';
import { wait } from './retry.ts';
import type { SettingsOf } from './settings.ts';

const SCOPE = 'https://www.googleapis.com/auth/logging.read';
const GOOGLE = 'https://logging.googleapis.com';
/** Reads are limited to 60 a minute: https://cloud.google.com/logging/quotas */
const REQUEST_MILLIS = 1000;
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Fetched and marked at a time, oldest first: a pull that is stopped goes on from the last of these. */
const SLICE = 60 * MINUTE;

/** For each resource the instant up to which everything was fetched, milliseconds. */
export interface EntriesCursor {
  readonly until: Readonly<Record<string, number>>;
}

type Settings = SettingsOf<typeof ENTRIES_SETTINGS>;

/** `filter` chooses the logs, in the logging query language; `permission` is what reading them takes. */
export function gcpEntries(settings: Settings, filter: string, permission: string): Feed<EntriesCursor> {
  const { overlapMinutes, firstDays } = entriesRange(settings);
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const authorize = googleCredentials(SCOPE);
      const until: Record<string, number> = { ...after?.until };
      for (const resource of settings.resources) {
        const last = until[resource];
        const start =
          range?.since ?? (last === undefined ? now - firstDays * DAY : last - overlapMinutes * MINUTE);
        const end = range === null ? now : Math.min(range.until, now);
        for (let from = start; from < end; from += SLICE) {
          const to = Math.min(from + SLICE, end);
          yield* slice({ settings, filter, permission, resource, from, to, authorize }, request);
          until[resource] = Math.max(to, last ?? 0);
          const [kind, account = null] = resource.split('/');
          yield {
            kind: 'mark',
            ...(range === null ? { cursor: { until: { ...until } } } : {}),
            // Which projects a folder has is not known here.
            ...(kind === 'projects'
              ? { window: { account, region: null, from: from * 1000, to: to * 1000 } }
              : {}),
          };
        }
      }
    },
  };
}

interface Slice {
  readonly settings: Settings;
  readonly filter: string;
  readonly permission: string;
  readonly resource: string;
  readonly from: number;
  readonly to: number;
  readonly authorize: Authorize;
}

async function* slice(
  { settings, filter, permission, resource, from, to, authorize }: Slice,
  { signal }: PullRequest<EntriesCursor>,
): AsyncGenerator<Step<EntriesCursor>> {
  const { endpoint = GOOGLE, pageSize = 1000 } = settings;
  const url = `${endpoint}/v2/entries:list`;
  const [start, end] = [new Date(from).toISOString(), new Date(to).toISOString()];
  const asked = {
    resourceNames: [resource],
    filter: `(${filter}) AND timestamp>="${start}" AND timestamp<"${end}"`,
    orderBy: 'timestamp asc',
    pageSize,
  };
  let token: string | undefined;
  for (let page = 1; ; page++) {
    const at = Date.now();
    const body = JSON.stringify(token === undefined ? asked : { ...asked, pageToken: token });
    const headers = { 'content-type': 'application/json' };
    const bytes = await askHttp({ method: 'POST', url, headers, body }, authorize, signal, wholeBody).catch(
      (error: unknown) => {
        throw httpError(error, `reading entries of ${resource}`, permission, RENEW_GOOGLE);
      },
    );
    const { entries = 0, nextPageToken } = shapeOf(bytes);
    // Pages without entries come between others while the search goes on: they hold nothing.
    if (entries > 0 || page === 1)
      yield {
        kind: 'arrival',
        role: 'records',
        body: bytes,
        origin: `${url}?resource=${resource}&from=${start}&to=${end}&page=${page}`,
        versionId: null,
        metadata: {},
        modified: null,
      };
    if (nextPageToken === undefined || nextPageToken === '') return;
    token = nextPageToken;
    await wait(Math.max(0, at + REQUEST_MILLIS - Date.now()), signal);
  }
}

function shapeOf(bytes: Uint8Array): { entries?: number; nextPageToken?: string } {
  try {
    const { entries, nextPageToken } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      entries?: unknown;
      nextPageToken?: unknown;
    };
    return {
      entries: Array.isArray(entries) ? entries.length : 0,
      ...(typeof nextPageToken === 'string' ? { nextPageToken } : {}),
    };
  } catch (cause) {
    throw new AkashiError('PULL_ANSWER', 'Cloud Logging answered with something that is no JSON.', { cause });
  }
}
