/** One SQL statement over a lake's snapshot: admitted by the gate, answered by a disposable process. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TABLES, type TableName } from '../schema/columns.ts';
import { type Admitted, admit, SqlParser } from './gate.ts';
import { engineMemory, type QueryLimits, withDefaults } from './limits.ts';
import { type Parameters, wireParameters } from './parameters.ts';
import type { Batch, ResultColumn } from './result.ts';
import { type SandboxSource, startOnDemand } from './sandbox/pool.ts';
import type { Job, Statement, Truncation } from './sandbox/protocol.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { Snapshot } from './snapshot.ts';
import { type NativeView, publishedViews, tablesOf, withDependencies } from './views.ts';

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
  const { job, sandbox } = await prepareJob(request, limits, 'rows');
  const frames = sandbox.run(job, request.signal);
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

/** Admits the statement, and further ones that its process is to answer after it, and takes a process for it; the process loads while the statement is parsed. */
export async function prepareJob(
  request: QueryRequest,
  limits: QueryLimits,
  kind: Job['kind'],
  source: SandboxSource = request.sandboxes ?? startOnDemand(limits),
  output: string | null = null,
  more: readonly Pick<QueryRequest, 'sql' | 'parameters'>[] = [],
): Promise<{ job: Job; sandbox: Sandbox; admitted: Admitted }> {
  const parser = request.parser ?? new SqlParser();
  try {
    const plans = publishedViews(request.views, request.sourceRank);
    const admitted = await admit(parser, request.sql, [...plans.keys()]);
    const parameters = wireParameters(request.parameters ?? [], admitted.parameters);
    const views = new Set(admitted.views);
    const statements: Statement[] = [];
    for (const { sql, parameters: given = [] } of more) {
      const further = await admit(parser, sql, [...plans.keys()]);
      for (const view of further.views) views.add(view);
      statements.push({ sql: further.sql, parameters: wireParameters(given, further.parameters) });
    }
    const tables = tablesOf(withDependencies(plans, views));
    await request.snapshot.fetch?.(tables);
    const job: Job = {
      kind,
      sql: admitted.sql,
      parameters,
      ...(statements.length === 0 ? {} : { more: statements }),
      views: [...views],
      native: request.views,
      sourceRank: request.sourceRank ?? [],
      snapshot: onlyTables(request.snapshot, tables),
      threads: limits.threads,
      engineMemory: engineMemory(limits),
      maxRows: limits.maxRows,
      maxBytes: limits.maxBytes,
      output,
    };
    return { job, sandbox: await source.take(), admitted };
  } finally {
    if (request.parser === undefined) await parser.close();
    // Ends the process that was started ahead for a statement that was refused.
    if (request.sandboxes === undefined) await source.close();
  }
}

/** The files of `tables` alone, by the real paths of their folders: the process has another working folder. */
function onlyTables(snapshot: Snapshot, tables: readonly TableName[]): Snapshot {
  const folders = new Map<string, string>();
  const real = (path: string): string => {
    const folder = dirname(resolve(path));
    const known = folders.get(folder) ?? realpathSync(folder);
    folders.set(folder, known);
    return join(known, basename(path));
  };
  const filesOf = (table: TableName) => ({
    files: tables.includes(table)
      ? snapshot.tables[table].files.map((file) => ({ ...file, path: real(file.path) }))
      : [],
  });
  const kept = (Object.keys(TABLES) as TableName[]).map((table) => [table, filesOf(table)]);
  return { head: snapshot.head, tables: Object.fromEntries(kept) as Snapshot['tables'] };
}
