/** Every row that names a value, as `akashi find` answers: within bounds, on record, with what is held of its time. */

import { z } from 'zod';
import { FIND_COLUMNS, type FindRequest, find, findColumnNames, planFind } from '../../engine/find/find.ts';
import { needleOf } from '../../engine/find/needle.ts';
import { headName } from '../../engine/lake-snapshot.ts';
import type { Batch, ResultColumn } from '../../engine/result.ts';
import { type StatementCoverage, verdictOfRange } from '../../exports/query-coverage.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Custodian, recorder } from '../../stages/custody.ts';
import { NEEDLE_TABLES } from '../../tables/needle/columns.ts';
import type { Lake } from '../../vault/lake.ts';
import { CUSTODY } from '../parts/asked.ts';
import { instant } from './time.ts';

const ROWS = 1000;
const MOST_ROWS = 10_000;
const GiB = 2 ** 30;
const READ_BYTES = 2 * GiB;
const MOST_READ_BYTES = 20 * GiB;
/** Rows of an answer as JSON, bytes: what fits into a function's own. */
const MOST_BYTES = 3.5 * 2 ** 20;
/** Days read ahead, where each read waits for a network. */
const AHEAD = 16;

/** `{ "value": "203.0.113.66", "since": "2026-03-01" }`. */
export const FIND = z.strictObject({
  value: z.string(),
  since: instant.optional(),
  until: instant.optional(),
  table: z.enum(NEEDLE_TABLES).optional(),
  columns: z
    .array(z.enum(findColumnNames() as [string, ...string[]]))
    .min(1)
    .optional(),
  anywhere: z.boolean().default(false),
  maxRows: z.int().min(1).max(MOST_ROWS).default(ROWS),
  maxReadBytes: z.int().min(1).max(MOST_READ_BYTES).default(READ_BYTES),
  ...CUSTODY,
});
type Asked = z.output<typeof FIND>;

export interface FoundAnswer {
  readonly columns: readonly ResultColumn[];
  /** Newest first. */
  readonly rows: Batch;
  readonly rowCount: number;
  /** What cut it: rows or their size, or the time a function has, after which older days were not looked at. */
  readonly truncated: 'rows' | 'bytes' | 'time' | null;
  readonly notice: string | null;
  readonly head: string;
  /** Of the time that was asked about; null where it cannot be told. */
  readonly coverage: StatementCoverage | null;
  readonly read: {
    readonly bytes: number;
    readonly requests: number;
    readonly files: number;
    readonly ofFiles: number;
    readonly filesUnindexed: number;
  };
  readonly seconds: number;
}

/** Throws FIND_VALUE, QUERY_TOO_LARGE before anything is read, CUSTODY_NOT_KEPT rather than give out a row that is not on record, and as `find` does. */
export async function findAsked(
  lake: Lake,
  asked: Asked,
  by: Custodian,
  timeoutMillis: number,
): Promise<FoundAnswer> {
  const started = performance.now();
  const asOf = Date.now() * 1000;
  const request = requestFor(lake, asked);
  const plan = await planFind(request);
  refuseBeyond(plan.days.flat(), asked);
  const answer = find(request, plan);
  const rows: Batch[number][] = [];
  let bytes = 0;
  let truncated: FoundAnswer['truncated'] = null;
  for await (const batch of answer) {
    bytes += Buffer.byteLength(JSON.stringify(batch));
    if (bytes > MOST_BYTES) truncated = 'bytes';
    else rows.push(...batch);
    if (performance.now() - started > timeoutMillis) truncated ??= 'time';
    if (truncated !== null) break;
  }
  // A loop that was left early has no summary.
  const summary = truncated === null ? await answer.summary : null;
  truncated ??= summary?.truncated ?? null;
  // On record before the first row leaves.
  await recorder(lake.state, plan.head, by, { required: true, onRefused: () => {} }).record({
    action: 'query',
    subject: `find ${request.needle.text}`,
    parameters: parametersOf(asked),
    rows: rows.length,
  });
  const { files, allFiles, unindexed, meter } = plan;
  const { since = null, until = null } = asked;
  const range = since === null && until === null ? null : { from: since, to: until };
  return {
    columns: answer.columns,
    rows,
    rowCount: rows.length,
    truncated,
    notice: truncated === null ? null : NOTICES[truncated],
    head: headName(plan.head),
    coverage: await verdictOfRange(lake, range, asOf).catch(() => null),
    read: {
      bytes: meter.bytes,
      requests: meter.requests,
      files,
      ofFiles: allFiles,
      filesUnindexed: unindexed,
    },
    seconds: (performance.now() - started) / 1000,
  };
}

const NOTICES = {
  rows: 'There are more rows than maxRows, all of them older. Ask for a shorter time.',
  bytes:
    'There are more rows than an answer over HTTP holds, all of them older. Ask for fewer columns or a shorter time.',
  time: 'The time of a function was up, and older days were not looked at. Ask for a shorter time.',
} as const;

function requestFor({ vault, state, remote }: Lake, asked: Asked): FindRequest {
  const { value, since, until, table, columns, anywhere, maxRows } = asked;
  return {
    vault,
    state,
    needle: needleOf(value),
    since: since ?? null,
    until: until ?? null,
    ...(table === undefined ? {} : { tables: [table] }),
    anywhere,
    columns: columns ?? FIND_COLUMNS,
    limit: maxRows,
    ...(remote === undefined ? {} : { ahead: AHEAD, newest: remote.newest }),
  };
}

/** Only what the index cannot help with is read whole: that is bounded before it is begun. */
function refuseBeyond(
  scans: readonly { readonly places: unknown; readonly file: { readonly bytes: number } }[],
  { maxReadBytes }: Asked,
): void {
  const bytes = scans.reduce((sum, { file, places }) => sum + (places === null ? file.bytes : 0), 0);
  if (bytes <= maxReadBytes) return;
  throw new AkashiError(
    'QUERY_TOO_LARGE',
    `files of ${bytes} bytes would be read, and at most ${maxReadBytes} may be. Ask for a shorter time or one table, ask for ` +
      'one whole value rather than a range or a beginning, or raise maxReadBytes.',
  );
}

const parametersOf = ({ case: _, reason: __, ...asked }: Asked): Record<string, unknown> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
