/** Runs jobs on worker threads, one per core, or in this thread when there is only one. */

import { availableParallelism } from 'node:os';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { ExpansionLimits } from './expand.ts';
import { type JobResult, runJob } from './job.ts';
import type { BodyDone, WorkerStart } from './worker.ts';
import { WorkerPool } from './worker-pool.ts';

export type OnBody = (bytes: number, records: number) => void;

export class JobPool {
  readonly #lake: Lake;
  readonly #limits: ExpansionLimits;
  readonly #onBody: OnBody;
  readonly #pool: WorkerPool<readonly Manifest[], JobResult, BodyDone>;

  constructor(lake: Lake, limits: ExpansionLimits, onBody: OnBody, size = availableParallelism()) {
    this.#lake = lake;
    this.#limits = limits;
    this.#onBody = onBody;
    this.#pool = new WorkerPool({
      entry: new URL('./worker.ts', import.meta.url),
      start: { address: lake.address, limits } satisfies WorkerStart,
      size,
      onNote: ({ bytes, records }) => onBody(bytes, records),
    });
  }

  /** In this thread: cheaper than starting one for a small job. */
  async runHere(manifests: readonly Manifest[]): Promise<JobResult> {
    return runJob(this.#lake, manifests, this.#limits, (bytes, { records }) => this.#onBody(bytes, records));
  }

  /** On a worker thread, once one is free. */
  run(manifests: readonly Manifest[]): Promise<JobResult> {
    return this.#pool.run(manifests);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
