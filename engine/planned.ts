/** From an admitted statement to the frames of its answer: planned, the files it needs brought, run. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TABLES, type TableName } from '../schema/columns.ts';
import { type Admitted, admit, SqlParser } from './gate.ts';
import { engineMemory, type QueryLimits } from './limits.ts';
import { wireParameters } from './parameters.ts';
import { type ChosenTable, chooseFiles } from './plan/choose.ts';
import { withoutClock } from './plan/clock.ts';
import { broughtFiles, refuseBeyond } from './plan/extent.ts';
import { withLiterals } from './plan/literals.ts';
import type { QueryRequest } from './query.ts';
import { type SandboxSource, startOnDemand } from './sandbox/pool.ts';
import type { Frame, Job, PlanJob, Statement } from './sandbox/protocol.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { SnapshotFile } from './snapshot.ts';
import { publishedViews, tablesOf, withDependencies } from './views.ts';

/** Runs what was planned. Throws as `Sandbox.run` does, and what bringing the files throws. */
export async function* runPlanned(
  planned: Planned,
  request: QueryRequest,
  change: (job: Job) => Promise<Job> = async (job) => job,
): AsyncGenerator<Frame> {
  const { sandbox } = planned;
  let release = async () => {};
  try {
    let job: Job;
    try {
      await refuseBeyond(planned.chosen, request);
      const brought = await bring(planned, request);
      release = brought.release;
      job = await change(brought.job);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    yield* sandbox.run(job, request.signal);
  } finally {
    await release();
  }
}

/** Statements that were admitted, a process that waits for them, and what they may read. */
export interface Planned {
  readonly sandbox: Sandbox;
  readonly chosen: readonly ChosenTable[];
  /** All of the job but the files. */
  readonly job: Omit<Job, 'snapshot'>;
}

export interface PlanOptions {
  readonly kind?: Job['kind'];
  /** Where the process comes from; by default the request's own source, or one that is started now. */
  readonly source?: SandboxSource;
  readonly output?: string | null;
  /** Further statements that the process answers after the request's own. */
  readonly more?: readonly (Pick<QueryRequest, 'sql' | 'parameters'> & Pick<Statement, 'output'>)[];
}

/**
 * Admits the statements, takes a process for them and asks it what they look at; the process loads while they are
 * parsed. Whoever gets the process runs or closes it. Throws as `runQuery` does.
 */
export async function plan(
  request: QueryRequest,
  limits: QueryLimits,
  { kind = 'rows', source: given, output = null, more = [] }: PlanOptions = {},
): Promise<Planned> {
  const source = given ?? request.sandboxes ?? startOnDemand(limits);
  const parser = request.parser ?? new SqlParser();
  try {
    const plans = publishedViews(request.views, request.sourceRank);
    const names = [...plans.keys()];
    const statements: (Statement & { readonly admitted: Admitted })[] = [];
    const asking: PlanOptions['more'] = [{ sql: request.sql, parameters: request.parameters ?? [] }, ...more];
    for (const { sql, parameters = [], output: own } of asking) {
      const admitted = await admit(parser, sql, names);
      statements.push({
        sql: admitted.sql,
        parameters: wireParameters(parameters, admitted.parameters),
        ...(own === undefined ? {} : { output: own }),
        admitted,
      });
    }
    const named = [...new Set(statements.flatMap(({ admitted }) => [...admitted.views]))];
    const [first, ...others] = statements.map(({ admitted: _, ...statement }): Statement => statement);
    const job = {
      kind,
      ...first!,
      ...(others.length === 0 ? {} : { more: others }),
      views: named,
      native: request.views,
      sourceRank: request.sourceRank ?? [],
      threads: limits.threads,
      engineMemory: engineMemory(limits),
      maxRows: limits.maxRows,
      maxBytes: limits.maxBytes,
      output,
    };
    const asked: PlanJob = {
      ...job,
      kind: 'plan',
      statements: await Promise.all(
        statements.map(async ({ sql, parameters }) => ({
          sql,
          literal: await withLiterals(parser, sql, parameters),
        })),
      ),
    };
    const sandbox = await source.take();
    try {
      const views = withDependencies(plans, named);
      const told = tablesOf(views).length === 0 ? [] : await sandbox.plan(asked, request.signal);
      const scans = told === null ? null : withoutClock(told, statements);
      const { snapshot } = request;
      return { sandbox, job, chosen: await chooseFiles(snapshot, views, scans, snapshot.needles) };
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  } finally {
    if (request.parser === undefined) await parser.close();
    // Ends the process that was started ahead for a statement that was refused.
    if (given === undefined && request.sandboxes === undefined) await source.close();
  }
}

/**
 * The job over the chosen files, those of a store elsewhere brought to this machine as far as they are needed. `release`
 * gives their room back.
 */
async function bring(
  { chosen, job }: Planned,
  { snapshot }: QueryRequest,
): Promise<{ job: Job; release: () => Promise<void> }> {
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const one of releases) await one();
  };
  const real = realPaths();
  try {
    const tables = Object.fromEntries(
      Object.keys(TABLES).map((table) => [table, { files: [] }]),
    ) as unknown as Record<TableName, { files: readonly SnapshotFile[] }>;
    for (const part of chosen) {
      const { files, release: done } = await broughtFiles(snapshot, part);
      releases.push(done);
      tables[part.table] = { files: files.map((file) => plainFile(file, real(file.path))) };
    }
    return { job: { ...job, snapshot: { head: snapshot.head, tables } }, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** What the process has to know of a file, and can be told. */
export const plainFile = (
  { day, rows, bytes, overlaps, fieldIds = false }: SnapshotFile,
  path: string,
): SnapshotFile => ({
  path,
  day,
  rows,
  bytes,
  overlaps,
  fieldIds,
});

/** Paths with the real path of their folder: the process has another working folder. */
function realPaths(): (path: string) => string {
  const folders = new Map<string, string>();
  return (path) => {
    const folder = dirname(resolve(path));
    const known = folders.get(folder) ?? realpathSync(folder);
    folders.set(folder, known);
    return join(known, basename(path));
  };
}
