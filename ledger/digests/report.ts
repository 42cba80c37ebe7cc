/** What a verification of digests says: a verdict for each object, each series in numbers, every problem named. */

import type { MissingDigest, Series, Span } from './chain.ts';
import { seriesOf } from './chain.ts';
import type { HeldLog, JudgedDigest } from './held.ts';
import type { DeclaredLog, JudgedLogs, LogVerdict, UnlistedLog } from './logs.ts';
import { type DigestSeries, locationText, parseDigestName } from './names.ts';
import {
  DIGEST_STATES,
  type DigestState,
  gravestDigest,
  type Level,
  LOG_STATES,
  type LogState,
} from './states.ts';
import { LATE } from './unlisted.ts';

/** The verdict on one held object, for its ledger entry and its row of the evidence table. */
export type ObjectVerdict =
  | { readonly of: 'digest'; readonly state: DigestState; readonly level: Level; readonly detail: string }
  | { readonly of: 'log'; readonly state: LogState; readonly level: Level; readonly detail: string };

export interface SeriesReport extends DigestSeries {
  readonly name: string;
  /** Digests held. */
  readonly held: number;
  /** Time that signed digests cover, ISO 8601; null when there are none. */
  readonly from: string | null;
  readonly to: string | null;
  /** Held digests by their gravest state, and missing ones. */
  readonly digests: Readonly<Partial<Record<DigestState, number>>>;
  readonly logs: Readonly<Partial<Record<LogState, number>>>;
}

export interface DigestProblem {
  readonly of: 'digest' | 'log';
  readonly state: DigestState | LogState;
  readonly level: Level;
  /** Null for what no series can be told of. */
  readonly series: string | null;
  /** Where the object belongs, or the copy lies when it does not say. */
  readonly object: string;
  /** The held object; null for one that is not held. */
  readonly id: string | null;
  readonly detail: string;
  /** Held logs that nothing proves because of this. */
  readonly unproven: readonly string[];
}

/** What a series vouches for, hour by hour once somebody asks. */
export interface SeriesProof {
  readonly name: string;
  readonly facts: DigestSeries;
  /** Times that signed digests cover. */
  readonly spans: readonly Span[];
  /** Times that digests would cover which are missing or not to be believed, with what is wrong with them. */
  readonly broken: readonly (Span & { readonly state: DigestState })[];
  readonly logs: readonly DeclaredLog[];
}

export interface DigestReport {
  /** Nothing is `invalid`. */
  readonly ok: boolean;
  readonly series: readonly SeriesReport[];
  /** Logs whose account and region have no digests. */
  readonly without: number;
  readonly problems: readonly DigestProblem[];
  /** By the id of each held digest, and of each held object that is, or must be, a log of CloudTrail. */
  readonly verdicts: ReadonlyMap<string, ObjectVerdict>;
  readonly proofs: readonly SeriesProof[];
}

interface Judged {
  readonly series: readonly Series[];
  readonly unassigned: readonly JudgedDigest[];
  readonly listed: JudgedLogs;
  readonly unlisted: readonly { readonly log: UnlistedLog; readonly verdict: LogVerdict }[];
  readonly logs: readonly HeldLog[];
}

const HOUR = 3_600_000;

export function reportOf({ series, unassigned, listed, unlisted, logs }: Judged): DigestReport {
  const verdicts = new Map<string, ObjectVerdict>();
  const problems: DigestProblem[] = [];
  const unproven = unprovenBySeries(unlisted);
  for (const one of series) {
    for (const digest of one.digests) judgeHeld(digest, one.name, verdicts, problems, unproven);
    for (const missing of one.missing) problems.push(missingProblem(missing, one, unproven));
  }
  for (const digest of unassigned) judgeHeld(digest, null, verdicts, problems, unproven);
  const logVerdicts = new Map(listed.verdicts);
  for (const { log, verdict } of unlisted) logVerdicts.set(log.id, verdict);
  const origins = new Map(logs.map(({ id, origin }) => [id, origin]));
  for (const [id, { state, detail, series: name }] of logVerdicts) {
    const { level } = LOG_STATES[state];
    verdicts.set(id, { of: 'log', state, level, detail });
    if (level === 'valid') continue;
    const object = origins.get(id)!;
    problems.push({ of: 'log', state, level, series: name, object, id, detail, unproven: [] });
  }
  for (const { location, series: name, digest } of listed.missing) {
    const { level } = LOG_STATES.NOT_FOUND;
    const detail = `named by ${digest}`;
    problems.push({
      of: 'log',
      state: 'NOT_FOUND',
      level,
      series: name,
      object: location,
      id: null,
      detail,
      unproven: [],
    });
  }
  const counts = countLogs(logVerdicts.values(), listed.missing);
  return {
    ok: problems.every(({ level }) => level !== 'invalid'),
    series: series.map((one) => summary(one, counts.get(one.name) ?? {})),
    without: counts.get(null)?.UNPROVEN ?? 0,
    problems,
    verdicts,
    proofs: series.map((one) => proofOf(one, listed.declared.get(one.name) ?? [])),
  };
}

function proofOf(
  { name, facts, spans, digests, missing }: Series,
  logs: readonly DeclaredLog[],
): SeriesProof {
  const broken: SeriesProof['broken'][number][] = missing.map(({ state, from, to }) => ({
    state,
    // What came before the oldest one held is told as not covered.
    from: from ?? to,
    to,
  }));
  for (const digest of digests) {
    const span = digest.authentic ? null : spanOf(digest);
    if (span !== null)
      broken.push({ ...span, state: gravestDigest(digest.findings.map(({ state }) => state)) });
    if (digest.authentic && digest.findings.some(({ state }) => state === 'UNKNOWN_TRAIL_RESTART'))
      broken.push({ ...gapBefore(spans, digest.parsed!.start), state: 'UNKNOWN_TRAIL_RESTART' });
  }
  return { name, facts, spans, broken, logs };
}

/** The time between a span and the one before it. */
function gapBefore(spans: readonly Span[], start: number): Span {
  const before = spans.findLast(({ to }) => to <= start);
  return { from: before?.to ?? start, to: start };
}

function judgeHeld(
  digest: JudgedDigest,
  series: string | null,
  verdicts: Map<string, ObjectVerdict>,
  problems: DigestProblem[],
  unproven: UnprovenLogs,
): void {
  const { id, findings, parsed, origin, authentic } = digest;
  const state = gravestDigest(findings.map((finding) => finding.state));
  const detail = findings.find((finding) => finding.state === state)?.detail ?? '';
  verdicts.set(id, { of: 'digest', state, level: DIGEST_STATES[state].level, detail });
  const object = parsed === null || state === 'MOVED' ? origin : locationText(parsed.location);
  const span = authentic ? null : spanOf(digest);
  for (const finding of findings)
    problems.push({
      of: 'digest',
      state: finding.state,
      level: DIGEST_STATES[finding.state].level,
      series,
      object,
      id,
      detail: finding.detail,
      unproven: span === null || series === null ? [] : unproven(series, span.from, span.to),
    });
}

/** The time a digest says it covers, or would cover by its name. */
function spanOf(digest: JudgedDigest): { from: number; to: number } | null {
  if (seriesOf(digest)?.kind !== 'hourly') return null;
  const { parsed, claim } = digest;
  if (parsed !== null) return { from: parsed.start, to: parsed.end };
  const end = parseDigestName(claim.base)!.end;
  return { from: end - HOUR, to: end };
}

function missingProblem(
  { state, location, from, to, detail }: MissingDigest,
  { name, facts }: Series,
  unproven: UnprovenLogs,
): DigestProblem {
  const ofHourly = facts.kind === 'hourly';
  return {
    of: 'digest',
    state,
    level: DIGEST_STATES[state].level,
    series: name,
    object: location === null ? name : locationText(location),
    id: null,
    detail,
    unproven: ofHourly ? unproven(name, from ?? -Infinity, to) : [],
  };
}

type UnprovenLogs = (series: string, from: number, to: number) => string[];

/** Finds the logs of a series that were delivered within a time and that nothing proves. */
function unprovenBySeries(unlisted: Judged['unlisted']): UnprovenLogs {
  const bySeries = Map.groupBy(
    unlisted
      .filter(({ verdict }) => verdict.state === 'UNPROVEN')
      .sort((a, b) => a.log.name.delivered - b.log.name.delivered),
    ({ verdict }) => verdict.series,
  );
  return (series, from, to) => {
    const logs = bySeries.get(series) ?? [];
    let at = 0;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, logs.length))); step >= 1; step /= 2)
      while (at + step <= logs.length && logs[at + step - 1]!.log.name.delivered < from - LATE) at += step;
    const found: string[] = [];
    for (; at < logs.length && logs[at]!.log.name.delivered <= to + LATE; at++) found.push(logs[at]!.log.id);
    return found;
  };
}

type LogCounts = Partial<Record<LogState, number>>;

function countLogs(
  verdicts: Iterable<LogVerdict>,
  missing: JudgedLogs['missing'],
): Map<string | null, LogCounts> {
  const counts = new Map<string | null, LogCounts>();
  const count = (series: string | null, state: LogState) => {
    const own = counts.get(series) ?? {};
    counts.set(series, own);
    add(own, state);
  };
  for (const { series, state } of verdicts) count(series, state);
  for (const { series } of missing) count(series, 'NOT_FOUND');
  return counts;
}

function summary({ name, facts, digests, missing, spans }: Series, logs: LogCounts): SeriesReport {
  const counts: Partial<Record<DigestState, number>> = {};
  for (const { findings } of digests) add(counts, gravestDigest(findings.map(({ state }) => state)));
  for (const { state } of missing) add(counts, state);
  const { account, trail, homeRegion, region, kind } = facts;
  const from = isoTime(spans[0]?.from);
  const to = isoTime(spans.at(-1)?.to);
  return {
    account,
    trail,
    homeRegion,
    region,
    kind,
    name,
    held: digests.length,
    from,
    to,
    digests: counts,
    logs,
  };
}

function add<K extends string>(counts: Partial<Record<K, number>>, name: K): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

const isoTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString();
