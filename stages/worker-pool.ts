/** Threads that each take one request after the other, started as they are needed. */

import { Worker } from 'node:worker_threads';
import type { ThreadSays } from './pool-thread.ts';

/** Of a thread's heap: V8's own choice keeps more garbage around than collecting it costs. */
const YOUNG_MEGABYTES = 32;

interface Slot<Result> {
  readonly worker: Worker;
  /** Settles the request it is at; null while it is free. */
  running: PromiseWithResolvers<Result> | null;
}

export interface PoolOptions<Note> {
  /** The thread's module, which calls `answerRequests`. */
  readonly entry: URL;
  /** What each thread is told at its start. */
  readonly start: unknown;
  readonly size: number;
  readonly onNote?: (note: Note) => void;
}

export class WorkerPool<Request, Result, Note = never> {
  readonly size: number;
  readonly #options: PoolOptions<Note>;
  #slots: readonly Slot<Result>[] = [];
  readonly #queue: (() => void)[] = [];

  constructor(options: PoolOptions<Note>) {
    this.#options = options;
    this.size = Math.max(1, options.size);
  }

  /** Once a thread is free. Rejects with what the work failed with, or when its thread ends. */
  async run(request: Request): Promise<Result> {
    const running = Promise.withResolvers<Result>();
    const slot = await this.#freeSlot(running);
    try {
      slot.worker.postMessage(request);
      return await running.promise;
    } finally {
      slot.running = null;
      this.#queue.shift()?.();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map(({ worker }) => worker.terminate()));
  }

  /** A thread that is taken for the caller's request. */
  async #freeSlot(running: PromiseWithResolvers<Result>): Promise<Slot<Result>> {
    for (;;) {
      const free = this.#slots.find((slot) => slot.running === null);
      if (free !== undefined) {
        free.running = running;
        return free;
      }
      if (this.#slots.length < this.size) return this.#start(running);
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
  }

  #start(running: PromiseWithResolvers<Result>): Slot<Result> {
    const { entry, start, onNote } = this.#options;
    const worker = new Worker(entry, {
      workerData: start,
      // Options of the process that started us (`--input-type`, `--eval`) are not the worker's.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    const slot: Slot<Result> = { worker, running };
    this.#slots = [...this.#slots, slot];
    worker.on('message', (said: ThreadSays<Result, Note>) => {
      switch (said.kind) {
        case 'note':
          onNote?.(said.note);
          return;
        case 'done':
          slot.running?.resolve(said.result);
          return;
        case 'failed':
          slot.running?.reject(said.error);
          return;
        default:
          said satisfies never;
      }
    });
    // An error is told before the end; whoever waits is given another thread in either case.
    const lose = (error: unknown) => {
      this.#slots = this.#slots.filter((one) => one !== slot);
      slot.running?.reject(error);
    };
    worker.on('error', lose);
    worker.on('exit', (code) => lose(new Error(`a thread ended with ${code} while it was at work`)));
    return slot;
  }
}
