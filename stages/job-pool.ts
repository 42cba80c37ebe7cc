/** Runs jobs on worker threads, one per core, or in this thread when there is only one. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { ExpansionLimits } from './expand.ts';
import { type JobResult, runJob } from './job.ts';
import type { WorkerAnswer, WorkerStart } from './worker.ts';

/** Of a thread's heap: V8's own choice keeps more garbage around than collecting it costs. */
const YOUNG_MEGABYTES = 32;

export type OnBody = (bytes: number, records: number) => void;

interface Slot {
  readonly worker: Worker;
  busy: boolean;
}

interface Waiting {
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
  readonly slot: Slot;
}

export class JobPool {
  readonly #lake: Lake;
  readonly #limits: ExpansionLimits;
  readonly #onBody: OnBody;
  readonly #size: number;
  readonly #slots: Slot[] = [];
  readonly #running = new Map<number, Waiting>();
  readonly #queue: (() => void)[] = [];
  #nextId = 0;

  constructor(lake: Lake, limits: ExpansionLimits, onBody: OnBody, size = availableParallelism()) {
    this.#lake = lake;
    this.#limits = limits;
    this.#onBody = onBody;
    this.#size = Math.max(1, size);
  }

  /** In this thread: cheaper than starting one for a small job. */
  async runHere(manifests: readonly Manifest[]): Promise<JobResult> {
    return runJob(this.#lake, manifests, this.#limits, (bytes, { records }) => this.#onBody(bytes, records));
  }

  /** On a worker thread, once one is free. */
  async run(manifests: readonly Manifest[]): Promise<JobResult> {
    const slot = await this.#freeSlot();
    const id = this.#nextId++;
    try {
      return await new Promise<JobResult>((resolve, reject) => {
        this.#running.set(id, { resolve, reject, slot });
        slot.worker.postMessage({ id, manifests });
      });
    } finally {
      this.#running.delete(id);
      slot.busy = false;
      this.#queue.shift()?.();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map(({ worker }) => worker.terminate()));
  }

  /** A slot that is marked busy for the caller. */
  async #freeSlot(): Promise<Slot> {
    for (;;) {
      const free = this.#slots.find((slot) => !slot.busy);
      if (free !== undefined) {
        free.busy = true;
        return free;
      }
      if (this.#slots.length < this.#size) return this.#start();
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
  }

  #start(): Slot {
    const start: WorkerStart = { address: this.#lake.address, limits: this.#limits };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: start,
      // Options of the process that started us (`--input-type`, `--eval`) are not the worker's.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    const slot: Slot = { worker, busy: true };
    this.#slots.push(slot);
    worker.on('message', (answer: WorkerAnswer) => {
      switch (answer.kind) {
        case 'body':
          this.#onBody(answer.bytes, answer.records);
          return;
        case 'done':
          this.#running.get(answer.id)?.resolve(answer.result);
          return;
        case 'failed':
          this.#running.get(answer.id)?.reject(answer.error);
          return;
        default:
          answer satisfies never;
      }
    });
    worker.on('error', (error) => {
      for (const waiting of this.#running.values()) if (waiting.slot === slot) waiting.reject(error);
    });
    return slot;
  }
}
