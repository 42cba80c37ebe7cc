/** A worker thread that runs jobs over a lake: `{ address, limits }` at start, then one message per job. */

import { parentPort, workerData } from 'node:worker_threads';
import { openLakeForReading } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { ExpansionLimits } from './expand.ts';
import { type JobResult, runJob } from './job.ts';

export interface WorkerStart {
  /** Of the lake. */
  readonly address: string;
  readonly limits: ExpansionLimits;
}

export interface JobRequest {
  readonly id: number;
  readonly manifests: readonly Manifest[];
}

export type WorkerAnswer =
  | { readonly kind: 'body'; readonly bytes: number; readonly records: number }
  | { readonly kind: 'done'; readonly id: number; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly id: number; readonly error: unknown };

const { address, limits } = workerData as WorkerStart;
const port = parentPort!;
// The thread that started us holds the writer's lock.
const lake = await openLakeForReading(address);
const say = (answer: WorkerAnswer) => port.postMessage(answer);

port.on('message', ({ id, manifests }: JobRequest) => {
  runJob(lake, manifests, limits, (bytes, { records }) => say({ kind: 'body', bytes, records })).then(
    (result) => say({ kind: 'done', id, result }),
    (error: unknown) => say({ kind: 'failed', id, error }),
  );
});
