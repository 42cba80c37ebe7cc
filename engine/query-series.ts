/** Several statements over one snapshot, answered one after the other by one process. */

import { withDefaults } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { plan, runPlanned } from './planned.ts';
import type { QueryRequest } from './query.ts';
import type { Cell, ResultColumn } from './result.ts';
import type { Truncation } from './sandbox/protocol.ts';

export interface SeriesStatement {
  readonly sql: string;
  readonly parameters?: Parameters;
}

export interface SeriesAnswer {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Which limit cut the answer short: there are more rows than these. */
  readonly truncated: Truncation;
}

/**
 * One answer for each statement, in their order; each is held whole, up to the limits of rows and bytes, so this is for short
 * ones. The copies that deliveries overlap in are settled once for all of them, and the time-out is for all of them. Throws as
 * `runQuery` does.
 */
export async function* runSeries(
  request: Omit<QueryRequest, 'sql' | 'parameters'>,
  statements: readonly SeriesStatement[],
): AsyncGenerator<SeriesAnswer> {
  const [first, ...more] = statements;
  if (first === undefined) return;
  const limits = withDefaults(request.limits);
  const whole = { ...request, ...first };
  const planned = await plan(whole, limits, { more });
  let columns: readonly ResultColumn[] = [];
  let rows: (readonly Cell[])[] = [];
  for await (const frame of runPlanned(planned, whole)) {
    if (frame.kind === 'columns') columns = frame.columns;
    else if (frame.kind === 'rows') for (const row of frame.rows) rows.push(row);
    else if (frame.kind === 'done') {
      yield { columns, rows, truncated: frame.truncated };
      rows = [];
    }
  }
}
