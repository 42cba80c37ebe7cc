/** The facts of one stream, indexed by hour. */

import { type Brought, type Declared, type Stream, streamKey, type Window } from './facts.ts';
import { dayOf, HOUR_MICROS, hourAfter, hourOf, startOf } from './hours.ts';

/** Records dated before this, or more than a day after the instant asked about, are of no hour that could be judged. */
export const EARLIEST_HOUR = hourOf(Date.UTC(2000, 0, 1) * 1000);
const FUTURE_HOURS = 24;
/** A run that brings records this soon after their delay follows the source. Microseconds. */
const FRESH = 24 * HOUR_MICROS;

export interface HeldHour {
  records: number;
  /** Of these, what came after an earlier run had told the hour. */
  late: number;
  /** When the last of those came; null when none did. */
  reopenedAt: number | null;
}

export interface StreamFacts {
  readonly stream: Stream;
  readonly held: ReadonlyMap<number, HeldHour>;
  /** Hours with records, in order. */
  readonly heldHours: readonly number[];
  /** By hour: what each series of proofs says. */
  readonly declared: ReadonlyMap<number, readonly Declared[]>;
  readonly windows: readonly Window[];
  /** First hour to judge, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Two runs or more brought records while they were fresh, so that more are expected up to now. */
  readonly followed: boolean;
}

interface Gathered {
  readonly stream: Stream;
  readonly brought: Brought[];
  readonly declared: Declared[];
  readonly windows: Window[];
}

export interface Streams {
  readonly streams: readonly StreamFacts[];
  /** Records whose hour cannot be judged: dated before 2000 or in the future. */
  readonly outside: number;
}

/** Facts as they stood at `asOf`, by stream, in the order of their names. Their own order does not matter. */
export function gatherStreams(
  facts: {
    readonly brought: readonly Brought[];
    readonly declared: readonly Declared[];
    readonly windows: readonly Window[];
  },
  delayOf: (source: string) => number,
  asOf: number,
): Streams {
  const gathered = new Map<string, Gathered>();
  const of = (stream: Stream): Gathered => {
    const key = streamKey(stream);
    let own = gathered.get(key);
    if (own === undefined) {
      own = { stream, brought: [], declared: [], windows: [] };
      gathered.set(key, own);
    }
    return own;
  };
  const latest = hourOf(asOf) + FUTURE_HOURS;
  const judgeable = (hour: number) => hour >= EARLIEST_HOUR && hour <= latest;
  let outside = 0;
  let last: Gathered | null = null;
  for (const one of facts.brought) {
    if (one.asOf > asOf) continue;
    if (!judgeable(one.hour)) {
      outside += one.records;
      continue;
    }
    // Most follow one of the same stream.
    if (last?.stream !== one.stream) last = of(one.stream);
    last.brought.push(one);
  }
  for (const one of facts.declared)
    if (one.asOf <= asOf && judgeable(one.hour)) of(one.stream).declared.push(one);
  const windows = facts.windows.filter(
    ({ from, to, asOf: run }) => run <= asOf && from < to && from >= startOf(EARLIEST_HOUR) && to < Infinity,
  );
  for (const one of windows) if (!isScope(one.stream)) of(one.stream).windows.push(one);
  for (const own of gathered.values())
    for (const one of windows)
      if (isScope(one.stream) && isWithin(own.stream, one.stream)) own.windows.push(one);

  const runs = reachOfRuns(gathered.values());
  const streams = [...gathered]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => indexed(own, runs, delayOf(own.stream.source), asOf));
  return { streams, outside };
}

/** Whether a window is of several streams. */
const isScope = ({ account, region }: Stream): boolean => account === null || region === null;

const isWithin = (stream: Stream, scope: Stream): boolean =>
  stream.source === scope.source &&
  (scope.account === null || scope.account === stream.account) &&
  (scope.region === null || scope.region === stream.region);

/** By source, and by run: the last hour that it brought. */
type Reach = ReadonlyMap<string, ReadonlyMap<number, number>>;

function reachOfRuns(all: Iterable<Gathered>): Reach {
  const reach = new Map<string, Map<number, number>>();
  for (const { stream, brought } of all) {
    let runs = reach.get(stream.source);
    if (runs === undefined) {
      runs = new Map();
      reach.set(stream.source, runs);
    }
    for (const { hour, asOf } of brought) if (hour > (runs.get(asOf) ?? -1)) runs.set(asOf, hour);
  }
  return reach;
}

function indexed(
  { stream, brought, declared, windows }: Gathered,
  reach: Reach,
  delay: number,
  asOf: number,
): StreamFacts {
  const held = heldByHour(brought, delay);
  const heldHours = [...held.keys()].sort((a, b) => a - b);
  const byHour = newestDeclared(declared);
  const declaredHours = [...byHour.keys()];
  const fresh = new Set<number>();
  for (const { hour, asOf: run } of brought) if (run <= startOf(hour + 1) + delay + FRESH) fresh.add(run);
  for (const { to, asOf: run } of windows) if (run <= to + delay + FRESH) fresh.add(run);
  const followed = fresh.size >= 2;
  const begins = [
    heldHours[0] ?? Infinity,
    least(declaredHours),
    least(windows.map(({ from }) => hourAfter(from))),
  ];
  let to = (heldHours.at(-1) ?? -Infinity) + 1;
  const runs = reach.get(stream.source);
  for (const one of brought) to = Math.max(to, runs!.get(one.asOf)! + 1);
  for (const hour of declaredHours) to = Math.max(to, hour + 1);
  for (const window of windows) to = Math.max(to, hourOf(window.to));
  const now = hourOf(asOf) + 1;
  return {
    stream,
    held,
    heldHours,
    declared: byHour,
    windows,
    from: Math.max(EARLIEST_HOUR, least(begins)),
    to: Math.min(followed ? Math.max(to, now) : to, now + FUTURE_HOURS),
    followed,
  };
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);

/**
 * A run tells an hour when the hour's delay has passed and it brings anything of the hour's UTC day. What a later run
 * brings of that hour is late, and reopens it.
 */
function heldByHour(brought: readonly Brought[], delay: number): Map<number, HeldHour> {
  const runsOfDay = new Map<number, Set<number>>();
  for (const { hour, asOf } of brought) {
    const runs = runsOfDay.get(dayOf(hour));
    if (runs === undefined) runsOfDay.set(dayOf(hour), new Set([asOf]));
    else runs.add(asOf);
  }
  const held = new Map<number, HeldHour>();
  for (const { hour, records, asOf } of brought) {
    let own = held.get(hour);
    if (own === undefined) {
      own = { records: 0, late: 0, reopenedAt: null };
      held.set(hour, own);
    }
    own.records += records;
    const runs = runsOfDay.get(dayOf(hour))!;
    if (runs.size === 1 || !isLate(hour, asOf, runs, delay)) continue;
    own.late += records;
    own.reopenedAt = Math.max(own.reopenedAt ?? 0, asOf);
  }
  return held;
}

/** `runs`: those that brought anything of the hour's UTC day. */
export function isLate(hour: number, asOf: number, runs: Iterable<number>, delay: number): boolean {
  const settled = startOf(hour + 1) + delay;
  for (const run of runs) if (run < asOf && run >= settled) return true;
  return false;
}

function newestDeclared(declared: readonly Declared[]): Map<number, Declared[]> {
  const byHour = new Map<number, Declared[]>();
  for (const one of declared) {
    const own = byHour.get(one.hour);
    if (own === undefined) {
      byHour.set(one.hour, [one]);
      continue;
    }
    const at = own.findIndex(({ series }) => series === one.series);
    if (at < 0) own.push(one);
    else if (isNewer(one, own[at]!)) own[at] = one;
  }
  return byHour;
}

/** Two judgements of one instant: the one that claims less stands, whichever came first. */
const isNewer = (a: Declared, b: Declared): boolean =>
  a.asOf !== b.asOf
    ? a.asOf > b.asOf
    : (a.problem ?? '') !== (b.problem ?? '')
      ? (a.problem ?? '') > (b.problem ?? '')
      : a.expected - a.held > b.expected - b.held;
