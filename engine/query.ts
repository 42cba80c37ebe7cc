/** One SQL statement over a lake's snapshot: admitted by the gate, answered by a disposable process. */

import type { SqlParser } from './gate.ts';
import { type QueryLimits, withDefaults } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { plan, runPlanned } from './planned.ts';
import type { Batch, ResultColumn } from './result.ts';
import type { SandboxSource } from './sandbox/pool.ts';
import type { Truncation } from './sandbox/protocol.ts';
import type { Snapshot } from './snapshot.ts';
import type { NativeView } from './views.ts';

export interface QueryRequest {
  readonly sql: string;
  /** Values for `?` (a list) or `$name` (by name). */
  readonly parameters?: Parameters;
  readonly snapshot: Snapshot;
  /** Native views, one per source that has one. */
  readonly views: readonly NativeView[];
  /** Sources from best to worst, for choosing between copies of one event. */
  readonly sourceRank?: readonly string[];
  readonly limits?: Partial<QueryLimits>;
  /** Refuse a statement that would read more than this, bytes. */
  readonly maxReadBytes?: number;
  readonly signal?: AbortSignal;
  /** For servers: processes kept ready, with the limits they were started under. Without it, one is started. */
  readonly sandboxes?: SandboxSource;
  /** For servers: a parser to use again. Without it, one is opened and closed. */
  readonly parser?: SqlParser;
}

export interface QuerySummary {
  readonly rowCount: number;
  /** Which limit cut the answer short: there are more rows than these. */
  readonly truncated: Truncation;
  readonly head: string;
  readonly seconds: number;
  /** What is held of the time it asked about, where the asker added it; null where it could not be told. */
  readonly coverage?: object | null;
  /** What was read for it, where that is told. */
  readonly read?: object;
}

/** An answer under way. Iterate it to the end, or leave the loop early; either ends its process. */
export interface QueryAnswer extends AsyncIterable<Batch> {
  readonly columns: readonly ResultColumn[];
  /** Resolves when the last batch has been taken; rejects when the query failed on the way. */
  readonly summary: Promise<QuerySummary>;
}

/**
 * Starts a query and resolves with its columns once the first rows are near. Throws AkashiError, here or from the
 * iteration: SQL_SYNTAX, SQL_NOT_ALLOWED, SQL_UNKNOWN_TABLE, SQL_PARAMETER from the gate; SQL_INVALID, SQL_FAILED,
 * SQL_MEMORY, SQL_TIMEOUT, SQL_CANCELLED, SQL_CRASHED from the run; QUERY_LIMIT for a limit that is none.
 */
export async function runQuery(request: QueryRequest): Promise<QueryAnswer> {
  const started = performance.now();
  const limits = withDefaults(request.limits);
  const frames = runPlanned(await plan(request, limits), request);
  const first = await frames.next();
  if (first.done || first.value.kind !== 'columns') throw new Error('the child answered out of turn');
  const { columns } = first.value;
  const summary = Promise.withResolvers<QuerySummary>();
  // Whoever only iterates gets the failure there.
  summary.promise.catch(() => {});
  async function* batches(): AsyncGenerator<Batch> {
    try {
      for await (const frame of frames) {
        if (frame.kind === 'rows') yield frame.rows;
        if (frame.kind !== 'done') continue;
        const { rowCount, truncated } = frame;
        const seconds = (performance.now() - started) / 1000;
        summary.resolve({ rowCount, truncated, head: request.snapshot.head, seconds });
      }
    } catch (error) {
      summary.reject(error);
      throw error;
    }
  }
  return { columns, summary: summary.promise, [Symbol.asyncIterator]: batches };
}
