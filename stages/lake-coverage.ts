/** COVERAGE of a lake, as of an instant: units as rows, the verdict of a range of time, a data file for queries. */

import { connectorById } from '../connectors/registry.ts';
import { coverage, type Watermark } from '../ledger/coverage/coverage.ts';
import { HOUR_MICROS, startOf } from '../ledger/coverage/hours.ts';
import { gravestVerdict, UNIT_VERDICTS, type UnitVerdict } from '../ledger/coverage/states.ts';
import type { Unit } from '../ledger/coverage/units.ts';
import { type Row, TABLES } from '../schema/columns.ts';
import { type Head, readHead } from '../tables/head.ts';
import { RowBuffer } from '../tables/parquet/row-buffer.ts';
import { readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { delayOf, readFacts } from './coverage-facts.ts';
import { readRows } from './parquet-rows.ts';

export type CoverageRow = Row<'coverage'>;

/** Which units are wanted: those that touch the time, of a source and an account. Times in microseconds. */
export interface CoverageScope {
  readonly from?: number | null;
  /** Exclusive. */
  readonly to?: number | null;
  readonly source?: string;
  readonly account?: string;
}

export interface LakeCoverage {
  readonly head: Head;
  readonly asOf: number;
  readonly watermarks: readonly Watermark[];
  /** Records dated before 2000 or in the future, which are of no hour that could be judged. */
  readonly outside: number;
  /** Whether any judgement of digests is on record. */
  readonly judged: boolean;
}

/** Hands over the units of a scope, at the newest head if none is given. The whole past goes into them, whatever the scope. */
export async function lakeCoverage(
  stores: Stores,
  asOf: number,
  scope: CoverageScope,
  onUnit: (unit: Unit) => void,
  at?: Head,
): Promise<LakeCoverage> {
  const head = at ?? (await readHead(stores.state)).head;
  const facts = await readFacts(stores, head);
  const result = coverage(
    facts,
    delayOf,
    asOf,
    (unit) => {
      if (isWithin(unit, scope)) onUnit(unit);
    },
    isImported,
  );
  const watermarks = result.watermarks.filter(
    ({ source }) => scope.source === undefined || source === scope.source,
  );
  return { head, asOf, watermarks, outside: result.outside, judged: facts.declared.length > 0 };
}

const isImported = (source: string): boolean => connectorById(source)?.imported !== undefined;

/** Whether the lake holds digests. */
export async function holdsDigests({ vault }: Stores, head: Head): Promise<boolean> {
  for (const { key } of (await readTable(vault, head, 'evidence')).files)
    for (const { role } of await readRows((await vault.get(key)).body, ['role']))
      if (role === 'digest') return true;
  return false;
}

const isWithin = ({ stream, hour, hours }: Unit, { from, to, source, account }: CoverageScope): boolean =>
  (source === undefined || stream.source === source) &&
  (account === undefined || stream.account === account) &&
  (from === undefined || from === null || startOf(hour + hours) > from) &&
  (to === undefined || to === null || startOf(hour) < to);

export const coverageRow = (unit: Unit, asOf: number): CoverageRow => ({
  time: startOf(unit.hour),
  end_time: startOf(unit.hour + unit.hours),
  hours: unit.hours,
  source: unit.stream.source,
  account: unit.stream.account,
  region: unit.stream.region,
  state: unit.state,
  verdict: unit.verdict,
  basis: unit.basis,
  expected: unit.expected,
  held: unit.held,
  records: unit.records,
  late: unit.late,
  reopened_at: unit.reopenedAt,
  problem: unit.problem,
  detail: unit.detail,
  as_of: asOf,
});

/** The units of a lake as a data file; null when there are none. */
export async function coverageFile(stores: Stores, asOf: number, at?: Head): Promise<Uint8Array | null> {
  const rows = new RowBuffer(TABLES.coverage);
  await lakeCoverage(stores, asOf, {}, (unit) => rows.add(coverageRow(unit, asOf), null), at);
  return rows.finish({ keyValue: { 'akashi.table': 'coverage' } })?.bytes ?? null;
}

/** Shown of a range's problems; all of them are rows of `coverage`. */
const SHOWN = 20;

export interface RangeVerdict {
  /** ISO 8601; null where the range is open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly asOf: string;
  /** The gravest of its hours; null when nothing is held. */
  readonly verdict: UnitVerdict | null;
  readonly hours: Readonly<Record<UnitVerdict, number>>;
  /** By source: completeness is claimed before this instant. */
  readonly watermarks: Readonly<Record<string, string | null>>;
  /** The first gaps and silences. */
  readonly problems: readonly RangeProblem[];
  readonly problemsLeftOut: number;
}

export interface RangeProblem {
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly account: string | null;
  readonly region: string | null;
  readonly verdict: UnitVerdict;
  readonly problem: string | null;
}

/** Gathers units of a range into one verdict. */
export class RangeSummary {
  readonly hours = Object.fromEntries(Object.keys(UNIT_VERDICTS).map((verdict) => [verdict, 0])) as Record<
    UnitVerdict,
    number
  >;
  readonly problems: RangeProblem[] = [];
  readonly #scope: CoverageScope;
  #leftOut = 0;

  constructor(scope: CoverageScope) {
    this.#scope = scope;
  }

  add(unit: Unit): void {
    // Of a long stretch only what lies in the range counts.
    const from = Math.max(unit.hour, Math.floor((this.#scope.from ?? -Infinity) / HOUR_MICROS));
    const to = Math.min(unit.hour + unit.hours, Math.ceil((this.#scope.to ?? Infinity) / HOUR_MICROS));
    this.hours[unit.verdict] += Math.max(0, to - from);
    if (!isProblem(unit)) return;
    if (this.problems.length >= SHOWN) {
      this.#leftOut++;
      return;
    }
    const { stream, verdict, problem, hour, hours } = unit;
    this.problems.push({
      from: isoMicros(startOf(hour)),
      to: isoMicros(startOf(hour + hours)),
      ...stream,
      verdict,
      problem,
    });
  }

  verdict(): UnitVerdict | null {
    return gravestVerdict(
      Object.entries(this.hours).flatMap(([verdict, hours]) => (hours > 0 ? [verdict as UnitVerdict] : [])),
    );
  }

  finish({ asOf, watermarks }: LakeCoverage): RangeVerdict {
    const { from = null, to = null } = this.#scope;
    return {
      from: from === null ? null : isoMicros(from),
      to: to === null ? null : isoMicros(to),
      asOf: isoMicros(asOf),
      verdict: this.verdict(),
      hours: this.hours,
      watermarks: Object.fromEntries(
        watermarks.map(({ source, until }) => [source, until === null ? null : isoMicros(until)]),
      ),
      problems: this.problems,
      problemsLeftOut: this.#leftOut,
    };
  }
}

/** What a person must look at: hours with something missing, or silent where they never are. */
export const isProblem = ({ verdict }: Unit): boolean => verdict === 'gap' || verdict === 'silent';

/** Years that a date can have; later and earlier ones are told as the last and first of them. */
const LAST_MILLIS = 8.64e15;
export const isoMicros = (micros: number): string =>
  new Date(Math.max(-LAST_MILLIS, Math.min(LAST_MILLIS, Math.floor(micros / 1000)))).toISOString();
