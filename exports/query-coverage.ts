/** What queries are told of coverage: the table itself, and the verdict of the time that a statement asks about. */

import type { QueryRequest } from '../engine/query.ts';
import { timeRange } from '../engine/time-range.ts';
import { headFacts } from '../stages/custody.ts';
import {
  type CoverageScope,
  lakeCoverage,
  RangeSummary,
  type RangeVerdict,
} from '../stages/lake-coverage.ts';
import type { Lake } from '../vault/lake.ts';
import { withCoverageTable } from './coverage-table.ts';

/**
 * Runs `work` with the table `coverage` in the request's snapshot, if the statement speaks of it: as of `asOf`, in a
 * private file that is gone afterwards.
 */
export async function withCoverage<T>(
  lake: Lake,
  request: QueryRequest,
  asOf: number,
  work: (request: QueryRequest) => Promise<T>,
): Promise<T> {
  if (!/coverage/i.test(request.sql)) return work(request);
  return withCoverageTable(lake, request.snapshot, asOf, (snapshot) => work({ ...request, snapshot }));
}

export interface StatementCoverage extends RangeVerdict {
  /** Where the range comes from: the statement's own conditions on `time`, or else it is all there is. */
  readonly range: 'statement' | 'lake';
  /** The ledger's head that it was judged at. */
  readonly ledger: { readonly size: number; readonly root: string | null };
}

/**
 * The verdict of the time that a statement asks about; of the whole lake where it does not say plainly. Null when it
 * cannot be told, of which `onFailure` hears: the rows of an answer are out by then, and stand.
 */
export async function tryVerdictOf(
  lake: Lake,
  request: QueryRequest,
  asOf: number,
  onFailure: (error: unknown) => void,
): Promise<StatementCoverage | null> {
  try {
    return await verdictOf(lake, request, asOf);
  } catch (error) {
    onFailure(error);
    return null;
  }
}

/** The verdict of the time that a statement asks about; of the whole lake where it does not say plainly. */
export async function verdictOf(
  lake: Lake,
  { sql, parameters }: QueryRequest,
  asOf: number,
): Promise<StatementCoverage> {
  return verdictOfRange(lake, await timeRange(sql, parameters), asOf);
}

/** The verdict of a range, microseconds; null: of the whole lake. */
export async function verdictOfRange(
  lake: Lake,
  range: Pick<CoverageScope, 'from' | 'to'> | null,
  asOf: number,
): Promise<StatementCoverage> {
  const scope = range ?? {};
  const summary = new RangeSummary(scope);
  const result = await lakeCoverage(lake, asOf, scope, (unit) => summary.add(unit));
  const { headSize: size, headRoot: root } = headFacts(result.head);
  return { range: range === null ? 'lake' : 'statement', ...summary.finish(result), ledger: { size, root } };
}
