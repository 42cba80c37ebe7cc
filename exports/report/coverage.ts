/** What is held of a period, source by source, so that a count can be read with its completeness. */

import type { UnitVerdict } from '../../ledger/coverage/states.ts';
import { isoMicros, lakeCoverage, type RangeProblem, RangeSummary } from '../../stages/lake-coverage.ts';
import type { Head } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Period } from './period.ts';

export interface SourceCoverage {
  readonly source: string;
  /** The gravest of its hours. */
  readonly verdict: UnitVerdict;
  readonly hours: Readonly<Record<UnitVerdict, number>>;
  /** Completeness is claimed before this instant; null where it is not claimed at all. */
  readonly claimedBefore: string | null;
}

export interface PeriodCoverage {
  /** The gravest verdict of all; null when nothing is held of the period. */
  readonly verdict: UnitVerdict | null;
  readonly hours: Readonly<Record<UnitVerdict, number>>;
  readonly sources: readonly SourceCoverage[];
  /** The first gaps and silences. */
  readonly problems: readonly RangeProblem[];
  readonly problemsLeftOut: number;
  /** Records of no hour that could be judged: dated before 2000 or in the future. */
  readonly outside: number;
  /** Whether any judgement of provider digests is on record. */
  readonly judged: boolean;
}

/** As of `asOf` microseconds, at one head. */
export async function periodCoverage(
  stores: Stores,
  head: Head,
  period: Period,
  asOf: number,
): Promise<PeriodCoverage> {
  const scope = { from: period.from.getTime() * 1000, to: period.to.getTime() * 1000 };
  const all = new RangeSummary(scope);
  const bySource = new Map<string, RangeSummary>();
  const result = await lakeCoverage(
    stores,
    asOf,
    scope,
    (unit) => {
      all.add(unit);
      const own = bySource.get(unit.stream.source) ?? new RangeSummary(scope);
      bySource.set(unit.stream.source, own);
      own.add(unit);
    },
    head,
  );
  const claimed = new Map(result.watermarks.map(({ source, until }) => [source, until]));
  const whole = all.finish(result);
  return {
    verdict: whole.verdict,
    hours: whole.hours,
    sources: [...bySource]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([source, summary]) => {
        const verdict = summary.verdict();
        const until = claimed.get(source) ?? null;
        return verdict === null
          ? []
          : [
              {
                source,
                verdict,
                hours: summary.hours,
                claimedBefore: until === null ? null : isoMicros(until),
              },
            ];
      }),
    problems: whole.problems,
    problemsLeftOut: whole.problemsLeftOut,
    outside: result.outside,
    judged: result.judged,
  };
}
