/** Logs that no signed digest names: added by somebody, too young, or of a time nothing vouches for. */

import type { Series } from './chain.ts';
import type { LogVerdict, UnlistedLog } from './logs.ts';
import { baseName, type Claim, parseLogName } from './names.ts';

/** A log's name gives its delivery rounded up to five minutes. */
const ROUNDED = 5 * 60_000;
/** A log may be delivered, and so be named by a digest, this much later than its name says. Milliseconds. */
export const LATE = 15 * 60_000;
/** Digests come every hour; a log or digest this young need not be there yet. Milliseconds. */
export const TOO_YOUNG = 60 * 60_000 + LATE;

export interface UnlistedVerdict extends LogVerdict {
  /** Delivered after the newest digest held, and too long ago to be waiting for one. */
  readonly overdue: boolean;
}

/** What decides which logs a series has to name. */
interface Duty {
  readonly series: Series;
  /** Where its digests lie, up to the account: `bucket/prefix/AWSLogs/o-1/`. */
  readonly roots: ReadonlySet<string>;
  readonly organisations: ReadonlySet<string>;
  /** Sorts of logs that its digests name; events always. */
  readonly sorts: ReadonlySet<string>;
}

/** A judge of logs that no digest names. `now` in milliseconds. */
export function unlistedJudge(series: readonly Series[], now: number): (log: UnlistedLog) => UnlistedVerdict {
  const duties = Map.groupBy(
    series.filter(({ facts }) => facts.kind === 'hourly').map(dutyOf),
    ({ series: { facts } }) => `${facts.account} ${facts.region}`,
  );
  return (log) => {
    const near = duties.get(`${log.name.account} ${log.name.region}`) ?? [];
    return judge(
      log,
      near.filter((duty) => concerns(duty, log)).map((duty) => duty.series),
      now,
    );
  };
}

function judge(log: UnlistedLog, responsible: readonly Series[], now: number): UnlistedVerdict {
  const newest = newestOf(responsible);
  if (newest === null) {
    const detail = 'its account and region have none';
    return { state: 'UNPROVEN', detail, series: null, overdue: false };
  }
  const { delivered } = log.name;
  const due = delivered + LATE;
  if (
    responsible.every(({ spans }) => spans.some(({ from, to }) => from <= delivered - ROUNDED && due <= to))
  ) {
    return { state: 'UNREFERENCED_LOG', detail: '', series: newest.name, overdue: false };
  }
  const after = isAfter(newest, delivered);
  if (after && now - delivered < TOO_YOUNG)
    return { state: 'PENDING', detail: '', series: newest.name, overdue: false };
  const detail = after
    ? 'it came after the newest one'
    : 'the one for that time is missing or not to be believed';
  return { state: 'UNPROVEN', detail, series: newest.name, overdue: after };
}

/** Whether the digest that should name it would come after all that are held. */
function isAfter({ newestEnd, spans }: Series, delivered: number): boolean {
  if (newestEnd === null) return true;
  // A newest digest that cannot be believed may be the one that named it.
  return spans.at(-1)?.to === newestEnd ? newestEnd < delivered + LATE : newestEnd < delivered - ROUNDED;
}

function newestOf(series: readonly Series[]): Series | null {
  let newest: Series | null = null;
  for (const one of series)
    if (newest === null || (one.newestEnd ?? -Infinity) > (newest.newestEnd ?? -Infinity)) newest = one;
  return newest;
}

const ROOT = /^(.*?)AWSLogs\/(o-[a-z0-9]+\/)?/s;
/** What a copy's path still shows of it. */
const PATH_ROOT = /(?:^|\/)AWSLogs\/(o-[a-z0-9]+\/)?\d{12}\/CloudTrail/;

function dutyOf(series: Series): Duty {
  const roots = new Set<string>();
  const organisations = new Set<string>();
  const sorts = new Set(['']);
  for (const { parsed } of series.digests) {
    if (parsed === null) continue;
    const [root = '', , organisation = ''] = ROOT.exec(parsed.location.key) ?? [];
    roots.add(`${parsed.location.bucket}/${root}`);
    organisations.add(organisation);
  }
  for (const { logs } of series.authentic)
    for (const { key } of logs) sorts.add(parseLogName(baseName(key))?.sort ?? '');
  return { series, roots, organisations, sorts };
}

/** Whether the series should name this log: one of its sort, beside its digests as far as the log's place tells. */
function concerns({ roots, organisations, sorts }: Duty, { name, claim }: UnlistedLog): boolean {
  return sorts.has(name.sort) && (roots.size === 0 || isBeside(claim, roots, organisations));
}

function isBeside(
  { s3, path }: Claim,
  roots: ReadonlySet<string>,
  organisations: ReadonlySet<string>,
): boolean {
  if (s3 !== null) return roots.has(`${s3.bucket}/${ROOT.exec(s3.key)?.[0] ?? ''}`);
  const shown = PATH_ROOT.exec(path);
  return shown === null || organisations.has(shown[1] ?? '');
}
