/**
 * The process a query runs in: used once, started with an empty environment and an empty folder, under the limits its
 * parent set. It opens its engine, says `ready`, waits for one job, answers and ends. Before the job it may be asked what
 * the statement looks at, which an engine that opens no file tells.
 */

import { rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { collectGarbage } from '../garbage.ts';
import { StandIns } from '../plan/stand-ins.ts';
import { answerRows, type Outlet } from './answer.ts';
import { failureOf } from './failure.ts';
import { writeParquet } from './parquet.ts';
import { configure, createViews, INSTANCE_OPTIONS, limit, lock } from './prepare.ts';
import { encodeFrame, type Job, type PlanJob } from './protocol.ts';

const bytes = (encoded: Buffer): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(encoded, () => resolve());
  });
const out: Outlet = { bytes, frame: (frame) => bytes(encodeFrame(frame)) };

/** The parent is gone: so is this process, at once, and the empty folder the parent would have removed. */
function abandon(): void {
  try {
    rmdirSync(process.cwd());
  } catch {
    // Somebody else has.
  }
  process.kill(process.pid, 'SIGKILL');
}

/** What is asked, a line each: the parent writes one only when the last is answered. When the pipe ends nobody is left. */
function readLines(): () => Promise<PlanJob | Job> {
  let pieces: Buffer[] = [];
  let next = Promise.withResolvers<PlanJob | Job>();
  process.stdin.on('data', (piece: Buffer) => {
    pieces.push(piece);
    if (piece[piece.length - 1] !== 0x0a) return;
    next.resolve(JSON.parse(Buffer.concat(pieces).toString()) as PlanJob | Job);
    pieces = [];
  });
  process.stdin.on('end', abandon);
  return async () => {
    const line = await next.promise;
    next = Promise.withResolvers();
    return line;
  };
}

/** Whether nothing is asked for a moment, as of a process that was started ahead. */
const isIdle = (line: Promise<unknown>): Promise<boolean> =>
  Promise.race([line.then(() => false), sleep(IDLE_MILLIS, true)]);
const IDLE_MILLIS = 20;

const ANSWERS = { rows: answerRows, parquet: writeParquet } as const;

/** Until `lock` everything here is our own; after it comes the stranger's statement. */
async function run(connection: DuckDBConnection, job: Job): Promise<void> {
  await limit(connection, job);
  await createViews(connection, job);
  await lock(connection, job);
  await ANSWERS[job.kind](connection, job, out);
  for (const statement of job.more ?? []) {
    await collectGarbage();
    await ANSWERS[job.kind](connection, { ...job, ...statement }, out);
  }
}

/** Never returns: the process ends itself. */
export async function main(): Promise<void> {
  process.stdout.on('error', abandon);
  const instance = await DuckDBInstance.create(':memory:', { ...INSTANCE_OPTIONS });
  const connection = await instance.connect();
  await configure(connection);
  // Got ready meanwhile; a failure is told to whoever asks.
  const standIns = StandIns.open();
  standIns.catch(() => {});
  const next = readLines();
  await out.frame({ kind: 'ready' });
  try {
    const line = next();
    if (await isIdle(line)) await (await standIns).warmUp();
    let asked = await line;
    if (asked.kind === 'plan') {
      await out.frame({ kind: 'plan', ...(await (await standIns).scans(asked)) });
      asked = await next();
    }
    await run(connection, asked as Job);
  } catch (error) {
    await out.frame({ kind: 'error', ...failureOf(error) });
  }
  // Not `exit`: the engine's own shutdown has nothing to save and may wait for a running statement.
  process.kill(process.pid, 'SIGKILL');
}
