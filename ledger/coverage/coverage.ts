/**
 * COVERAGE: what was expected and what is held, per source, account, region and UTC hour. Derived from facts that seals
 * and judgements left, as of an instant that is given: silence is the absence of facts, so no seal could write it.
 */

import { Baseline } from './baseline.ts';
import type { CoverageFacts, DelayOf } from './facts.ts';
import { HOUR_MICROS, startOf } from './hours.ts';
import { UNIT_VERDICTS } from './states.ts';
import { gatherStreams } from './stream.ts';
import { judgeStream, type Unit } from './units.ts';

export interface Watermark {
  readonly source: string;
  /** Completeness is claimed before this instant, microseconds; null when nothing can be claimed. */
  readonly until: number | null;
  /** What stands in the way, or null where nothing does. */
  readonly because: string | null;
}

export interface CoverageResult {
  readonly watermarks: readonly Watermark[];
  /** Records whose hour cannot be judged: dated before 2000 or in the future. */
  readonly outside: number;
}

/** Hands over every unit, stream by stream in the order of time. Facts of later than `asOf` (microseconds) do not count. */
export function coverage(
  facts: CoverageFacts,
  delayOf: DelayOf,
  asOf: number,
  emit: (unit: Unit) => void,
  isImported: (source: string) => boolean = () => false,
): CoverageResult {
  const { streams, outside } = gatherStreams(facts, delayOf, asOf);
  const baseline = new Baseline();
  const sources = new Map<string, { end: number; followed: boolean; bad: Unit | null; from: number }>();
  for (const stream of streams) {
    const { source } = stream.stream;
    const own = sources.get(source) ?? { end: 0, followed: false, bad: null, from: Infinity };
    sources.set(source, own);
    own.end = Math.max(own.end, stream.to);
    own.from = Math.min(own.from, stream.from);
    own.followed ||= stream.followed;
    const take = (unit: Unit) => {
      if (!claims(unit) && (own.bad === null || unit.hour < own.bad.hour)) own.bad = unit;
      emit(unit);
    };
    judgeStream(stream, delayOf(source), asOf, baseline, take, isImported(source));
  }
  const watermarks = [...sources]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, own]) => watermarkOf(source, own, delayOf(source), asOf));
  return { watermarks, outside };
}

export const claims = ({ verdict, state }: Unit): boolean =>
  UNIT_VERDICTS[verdict].claims && state !== 'reopened';

/** The first hour that cannot be claimed, of any stream; else how far the source is held. */
function watermarkOf(
  source: string,
  { end, bad, from }: { readonly end: number; readonly bad: Unit | null; readonly from: number },
  delay: number,
  asOf: number,
): Watermark {
  const settled = Math.floor((asOf - delay) / HOUR_MICROS);
  const until = Math.min(bad?.hour ?? Infinity, end, settled);
  const because = bad === null ? null : describe(bad);
  return { source, until: until <= from ? null : startOf(until), because };
}

const describe = ({ stream: { account, region }, verdict, state, problem, basis }: Unit): string => {
  const what = basis === 'import' ? 'imported' : state === 'reopened' ? state : (problem ?? verdict);
  const where = [account, region].filter((part) => part !== null).join(' ');
  return where === '' ? what : `${what} in ${where}`;
};
