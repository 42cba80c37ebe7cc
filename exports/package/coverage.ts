/** What was held of the time that a package's question asks about, as of the last thing its snapshot knows of. */

import type { Parameters } from '../../engine/parameters.ts';
import { runQuery } from '../../engine/query.ts';
import { timeRange } from '../../engine/time-range.ts';
import {
  type CoverageScope,
  lakeCoverage,
  RangeSummary,
  type RangeVerdict,
} from '../../stages/lake-coverage.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { ExportBase } from '../ocsf-selection.ts';
import type { Asked } from './about.ts';

export interface PackageCoverage extends RangeVerdict {
  /**
   * Where the range comes from: the statement's own conditions on `time`, the times that a saved question was given as
   * `since` and `until`, or else it is all there is.
   */
  readonly range: 'statement' | 'parameters' | 'lake';
}

export interface SnapshotFacts {
  /**
   * The instant of the snapshot, microseconds: the newest that its own tables name; 0 where nothing was received. It takes
   * the place of the clock, so that the same snapshot always gives the same verdict.
   */
  readonly asOf: number;
  /** Rows in all, each event and flow once. */
  readonly tables: Readonly<Record<string, number>>;
}

const TABLES = ['events', 'flows', 'evidence'] as const;
const FACTS = `
  SELECT (SELECT epoch_us(max(t)) FROM (
      SELECT max(received_at) AS t FROM evidence
      UNION ALL SELECT max(as_of) FROM coverage_facts
      UNION ALL SELECT max(judged_at) FROM verdicts)),
    ${TABLES.map((table) => `(SELECT count(*) FROM ${table})`).join(', ')}`;

export async function snapshotFacts(base: ExportBase): Promise<SnapshotFacts> {
  let asOf = 0;
  const tables: Record<string, number> = {};
  for await (const batch of await runQuery({ ...base, sql: FACTS })) {
    for (const [newest, ...counts] of batch) {
      asOf = Number(newest ?? 0);
      for (const [at, table] of TABLES.entries()) tables[table] = Number(counts[at]);
    }
  }
  return { asOf, tables };
}

export async function coverageOf(
  stores: Stores,
  { name, sql, parameters }: Asked,
  asOf: number,
): Promise<PackageCoverage> {
  const stated = await timeRange(sql, parameters);
  const scope = stated ?? (name === null ? null : givenTimes(parameters)) ?? {};
  const range = stated !== null ? 'statement' : Object.keys(scope).length > 0 ? 'parameters' : 'lake';
  const summary = new RangeSummary(scope);
  const result = await lakeCoverage(stores, asOf, scope, (unit) => summary.add(unit));
  return { range, ...summary.finish(result) };
}

/** Every saved question that asks about a time takes it by these names; a joined one states it in no plain condition. */
function givenTimes(parameters: Parameters): CoverageScope | null {
  const { since, until } = parameters as Readonly<Record<string, unknown>>;
  if (!(since instanceof Date && until instanceof Date)) return null;
  return { from: since.getTime() * 1000, to: until.getTime() * 1000 };
}
