/** An answer as a Parquet file, whole or not at all. */

import { copyFile, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { wrapWithLimit } from './gate/wrap.ts';
import { SqlParser } from './gate.ts';
import { withDefaults } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { plan, runPlanned } from './planned.ts';
import type { QueryRequest, QuerySummary } from './query.ts';
import { prewarmed } from './sandbox/pool.ts';
import type { Job, Statement } from './sandbox/protocol.ts';
import { Sandbox } from './sandbox/sandbox.ts';

/**
 * Runs a query and puts its answer at `path`, replacing what is there. The query's process writes to a private folder
 * and the finished file is moved, so `path` never holds half an answer and the process never learns of it. Nothing is
 * moved before `beforePlaced`, which hears how many rows are about to leave, has resolved.
 *
 * Throws as `runQuery` does, and SQL_RESULT_TOO_LARGE beyond `maxRows` or `maxBytes`: a file does not say that it was
 * cut short, so it never is.
 */
export async function queryToParquet(
  request: QueryRequest,
  path: string,
  beforePlaced: (rows: number) => Promise<void> = async () => {},
): Promise<QuerySummary> {
  const started = performance.now();
  const file = { sql: request.sql, parameters: request.parameters ?? [], path };
  const [rowCount = 0] = await queriesToParquet(request, [file], beforePlaced);
  const seconds = (performance.now() - started) / 1000;
  return { rowCount, truncated: null, head: request.snapshot.head, seconds };
}

/** A statement, and where its answer goes. */
export interface ParquetFile {
  readonly sql: string;
  readonly parameters: Parameters;
  readonly path: string;
}

/**
 * The same for several statements by one process, which is most of the time of short ones: each file is placed as soon
 * as it is whole. Resolves to the rows of each. Limits are those of each file; the time-out is for all of them.
 */
export async function queriesToParquet(
  base: Omit<QueryRequest, 'sql' | 'parameters'>,
  files: readonly ParquetFile[],
  beforePlaced: (rows: number, at: number) => Promise<void> = async () => {},
): Promise<number[]> {
  const [first, ...others] = files;
  if (first === undefined) return [];
  const limits = withDefaults(base.limits);
  // The process loads while the statements are parsed.
  const source = prewarmed(limits, 1, false, () => Sandbox.open(limits, limits.maxBytes));
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'akashi-answer-'));
  const outputOf = (at: number) => join(folder, `answer-${at}.parquet`);
  const parser = base.parser ?? new SqlParser();
  const counts: number[] = [];
  try {
    const { sql, parameters } = first;
    const request = { ...base, parser, sql, parameters };
    const more = others.map((file, at) => ({ ...file, output: outputOf(at + 1) }));
    const planned = await plan(request, limits, { kind: 'parquet', source, output: outputOf(0), more });
    // One row more than the limit shows that there was more.
    const limited = (statement: string) => wrapWithLimit(parser, statement, limits.maxRows + 1);
    const wrap = async (job: Job): Promise<Job> => {
      const wrapped: Statement[] = [];
      for (const statement of job.more ?? [])
        wrapped.push({ ...statement, sql: await limited(statement.sql) });
      return { ...job, sql: await limited(job.sql), ...(wrapped.length === 0 ? {} : { more: wrapped }) };
    };
    for await (const frame of runPlanned(planned, request, wrap)) {
      if (frame.kind !== 'done') continue;
      if (frame.rowCount > limits.maxRows) {
        throw new AkashiError(
          'SQL_RESULT_TOO_LARGE',
          `the answer has more than ${limits.maxRows} rows; ask for less or raise the limit`,
        );
      }
      const at = counts.length;
      await beforePlaced(frame.rowCount, at);
      await place(outputOf(at), resolve(files[at]!.path));
      counts.push(frame.rowCount);
    }
    return counts;
  } finally {
    if (base.parser === undefined) void parser.close();
    await source.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a file; over a file-system border by copying beside the goal first. */
async function place(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = await mkdtemp(join(dirname(to), '.akashi-'));
    try {
      await copyFile(from, join(beside, 'answer'));
      await rename(join(beside, 'answer'), to);
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  }
}
