/**
 * Tables of a Log Analytics workspace, by the time they were ingested: what comes late is ingested late and is not passed
 * by. https://learn.microsoft.com/en-us/azure/azure-monitor/logs/api/overview
 */

import { readFile } from 'node:fs/promises';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import { AkashiError } from '../../schema/error.ts';
import { azureCredential, azureRefusal, judgeAzure, RENEW_AZURE } from './azure.ts';
import { type WORKSPACE_SETTINGS, workspaceRange } from './azure-settings.ts';
import type { Feed, PullRequest, Step } from './feed.ts';
import { httpError } from './http.ts';
import { askAgain } from './retry.ts';
import type { SettingsOf } from './settings.ts';

const ENDPOINT = 'https://api.loganalytics.io/v1';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 1440 * MINUTE;
/** Asked for at a time; halved while an answer does not hold all of it. */
const SLICE = 60 * MINUTE;
/** How long before its ingestion an event may have happened. */
const OLDEST_DAYS = 30;

/** For each table the instant up to which everything ingested was fetched, milliseconds. */
export interface WorkspaceCursor {
  readonly until: Readonly<Record<string, number>>;
}

type Settings = SettingsOf<typeof WORKSPACE_SETTINGS>;

export function azureWorkspace(settings: Settings, tables: readonly string[]): Feed<WorkspaceCursor> {
  const { account } = settings;
  const { overlapMinutes, firstDays } = workspaceRange(settings);
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const ask = await asker(settings, request);
      const until: Record<string, number> = { ...after?.until };
      const oldest =
        Math.min(...tables.map((table) => until[table] ?? now - firstDays * DAY)) - overlapMinutes * MINUTE;
      const start = range?.since ?? oldest;
      const end = range === null ? now : Math.min(range.until, now);
      // Slice by slice over all tables, so that a window speaks of all of them.
      for (let from = start; from < end; from += SLICE) {
        const to = Math.min(from + SLICE, end);
        for (const table of tables) {
          // A range is asked for by when things happened, going on by when they were ingested.
          const clock = range === null ? 'ingestion_time()' : 'TimeGenerated';
          yield* slice(ask, { table, clock, from, to });
          until[table] = Math.max(to, after?.until[table] ?? 0);
        }
        yield {
          kind: 'mark',
          ...(range === null ? { cursor: { until: { ...until } } } : {}),
          ...(account === undefined
            ? {}
            : { window: { account, region: null, from: from * 1000, to: to * 1000 } }),
        };
      }
    },
  };
}

interface Wanted {
  readonly table: string;
  readonly clock: string;
  readonly from: number;
  readonly to: number;
}

interface Answered {
  readonly bytes: Uint8Array;
  /** Not all that was asked for: too many rows or bytes for one answer. */
  readonly cut: boolean;
  readonly rows: number;
  readonly origin: string;
}

type Ask = (wanted: Wanted) => Promise<Answered>;

async function* slice(ask: Ask, wanted: Wanted): AsyncGenerator<Step<WorkspaceCursor>> {
  const { table, from, to } = wanted;
  const { bytes, cut, rows, origin } = await ask(wanted);
  if (cut) {
    if (to - from <= SECOND)
      throw new AkashiError(
        'PULL_TOO_LARGE',
        `The workspace does not answer with all of ${table} for the second from ${new Date(from).toISOString()}. ` +
          'Export the table to storage and collect it from there.',
      );
    const middle = from + Math.max(SECOND, Math.floor((to - from) / 2 / SECOND) * SECOND);
    yield* slice(ask, { ...wanted, to: middle });
    yield* slice(ask, { ...wanted, from: middle });
    return;
  }
  if (rows === 0) return;
  yield {
    kind: 'arrival',
    role: 'records',
    body: bytes,
    origin,
    versionId: null,
    metadata: {},
    modified: null,
  };
}

async function asker(
  { workspace, endpoint = ENDPOINT, certificates }: Settings,
  { signal }: PullRequest<WorkspaceCursor>,
): Promise<Ask> {
  const client = new LogsQueryClient(azureCredential(), {
    endpoint,
    // Asking again is ours.
    retryOptions: { maxRetries: 0 },
    ...(certificates === undefined ? {} : { tlsOptions: { ca: await readFile(certificates, 'utf8') } }),
  });
  let bytes: Uint8Array = new Uint8Array();
  // The answer as it came, before the library has read it.
  client.pipeline.removePolicy({ name: 'decompressResponsePolicy' });
  client.pipeline.addPolicy(
    {
      name: 'akashiExactBytes',
      async sendRequest(request, next) {
        request.streamResponseStatusCodes = new Set([200]);
        const response = await next(request);
        if (response.readableStreamBody === undefined) return response;
        const parts: Uint8Array[] = [];
        for await (const part of response.readableStreamBody) parts.push(part as Uint8Array);
        bytes = Buffer.concat(parts);
        const { readableStreamBody: _, ...rest } = response;
        return { ...rest, bodyAsText: Buffer.from(bytes).toString('utf8') };
      },
    },
    { afterPhase: 'Sign' },
  );
  return async ({ table, clock, from, to }) => {
    const [start, end] = [new Date(from), new Date(to)];
    const query =
      `${table} | where ${clock} >= datetime(${start.toISOString()}) and ${clock} < datetime(${end.toISOString()})` +
      ` | order by ${clock} asc`;
    const span = { startTime: new Date(from - OLDEST_DAYS * DAY), endTime: new Date(to + DAY) };
    const answer = await askAgain(
      () =>
        client.queryWorkspace(workspace, query, span, { requestOptions: { abortSignal: signal } } as never),
      judgeAzure,
      signal,
    ).catch((error: unknown) => {
      throw httpError(
        azureRefusal(error),
        `asking the workspace ${workspace} for ${table}`,
        'Log Analytics Reader on the workspace',
        RENEW_AZURE,
      );
    });
    const cut = answer.status !== 'Success';
    const rows = cut ? 0 : answer.tables.reduce((sum, one) => sum + one.rows.length, 0);
    return {
      bytes,
      cut,
      rows,
      origin: `${endpoint}/workspaces/${workspace}/query?table=${table}&${clock}>=${start.toISOString()}&<${end.toISOString()}`,
    };
  };
}
