/** A worker thread that runs jobs over a lake: `{ address, limits }` at start, then one message per job. */

import { workerData } from 'node:worker_threads';
import { openLakeForReading } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { ExpansionLimits } from './expand.ts';
import { type JobResult, runJob } from './job.ts';
import { answerRequests } from './pool-thread.ts';

export interface WorkerStart {
  /** Of the lake. */
  readonly address: string;
  readonly limits: ExpansionLimits;
}

/** A body of a job was read to its end. */
export interface BodyDone {
  readonly bytes: number;
  readonly records: number;
}

const { address, limits } = workerData as WorkerStart;
// The thread that started us holds the writer's lock.
const lake = await openLakeForReading(address);

answerRequests<readonly Manifest[], JobResult, BodyDone>((manifests, tell) =>
  runJob(lake, manifests, limits, (bytes, { records }) => tell({ bytes, records })),
);
