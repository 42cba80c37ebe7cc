/** An answer as a Parquet file, whole or not at all. */

import { copyFile, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { wrapWithLimit } from './gate/wrap.ts';
import { SqlParser } from './gate.ts';
import { type QueryLimits, withDefaults } from './limits.ts';
import { plan, runPlanned } from './planned.ts';
import type { QueryRequest, QuerySummary } from './query.ts';
import { prewarmed, type SandboxSource } from './sandbox/pool.ts';
import type { Job } from './sandbox/protocol.ts';
import { Sandbox } from './sandbox/sandbox.ts';

/**
 * Runs a query and puts its answer at `path`, replacing what is there. The query's process writes to a private folder
 * and the finished file is moved, so `path` never holds half an answer and the process never learns of it. Nothing is
 * moved before `beforePlaced`, which hears how many rows are about to leave, has resolved.
 *
 * `given`: where the process comes from, from `writingSandboxes`; one is started without it.
 *
 * Throws as `runQuery` does, and SQL_RESULT_TOO_LARGE beyond `maxRows` or `maxBytes`: a file does not say that it was
 * cut short, so it never is.
 */
export async function queryToParquet(
  request: QueryRequest,
  path: string,
  beforePlaced: (rows: number) => Promise<void> = async () => {},
  given?: SandboxSource,
): Promise<QuerySummary> {
  const started = performance.now();
  const limits = withDefaults(request.limits);
  // The process loads while the statement is parsed and planned.
  const source = given ?? writingSandboxes(limits, false);
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'akashi-answer-'));
  const output = join(folder, 'answer.parquet');
  const parser = request.parser ?? new SqlParser();
  try {
    const asked = { ...request, parser };
    const planned = await plan(asked, limits, { kind: 'parquet', source, output });
    let rowCount = 0;
    // One row more than the limit shows that there was more.
    const wrap = async (job: Job): Promise<Job> => ({
      ...job,
      sql: await wrapWithLimit(parser, job.sql, limits.maxRows + 1),
    });
    for await (const frame of runPlanned(planned, asked, wrap)) {
      if (frame.kind === 'done') rowCount = frame.rowCount;
    }
    if (rowCount > limits.maxRows) {
      throw new AkashiError(
        'SQL_RESULT_TOO_LARGE',
        `the answer has more than ${limits.maxRows} rows; ask for less or raise the limit`,
      );
    }
    await beforePlaced(rowCount);
    await place(output, resolve(path));
    const seconds = (performance.now() - started) / 1000;
    return { rowCount, truncated: null, head: request.snapshot.head, seconds };
  } finally {
    if (request.parser === undefined) void parser.close();
    if (given === undefined) await source.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Processes that may write one file each. With `refill`, the next one loads while one is at work: for several files. */
export const writingSandboxes = (limits: QueryLimits, refill: boolean): SandboxSource =>
  prewarmed(limits, 1, refill, () => Sandbox.open(limits, limits.maxBytes));

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
