/** Rows made again on as many threads as there are cores, once there are so many that starting threads pays. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { TableName } from '../schema/columns.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { runJob } from '../stages/job.ts';
import type { BatchFiles } from '../stages/store.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { Expected, RestoringStores } from './restoring-stores.ts';
import type { RowAnswer, RowRequest, RowStart } from './row-worker.ts';

/** Bytes of evidence that one thread reads faster than another starts. */
const WORTH_THREADS = 32 * 2 ** 20;
/** Of a thread's heap: V8's own choice keeps more garbage around than collecting it costs. */
const YOUNG_MEGABYTES = 32;

interface Thread {
  readonly worker: Worker;
  /** What it is at; null while it is free. */
  settle: { readonly done: (answer: RowAnswer) => void; readonly failed: (error: unknown) => void } | null;
}

export class RowPool {
  readonly #lake: Pick<Lake, 'address'>;
  readonly #stores: RestoringStores;
  readonly #expected: Expected;
  readonly #note: (files: Iterable<DataFileEntry>) => void;
  readonly #size: number;
  readonly #worthThreads: number;
  readonly #threads: Thread[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  #failure: unknown;

  /** `note` hears of the files of each batch that was made. */
  constructor(
    lake: Pick<Lake, 'address'>,
    stores: RestoringStores,
    expected: Expected,
    note: (files: Iterable<DataFileEntry>) => void,
    { size = availableParallelism(), worthThreads = WORTH_THREADS } = {},
  ) {
    this.#lake = lake;
    this.#stores = stores;
    this.#expected = expected;
    this.#note = note;
    this.#size = size;
    this.#worthThreads = worthThreads;
  }

  /** Resolves once it is made, or a thread is at it. Throws what an earlier one failed with. */
  async add(manifests: readonly Manifest[]): Promise<void> {
    for (const { size } of manifests) this.#bytes += size;
    if (this.#bytes < this.#worthThreads || this.#size < 2) {
      this.#take((await runJob(this.#stores, manifests, EXPANSION_LIMITS)).files);
      return;
    }
    while (this.#underWay.size >= this.#size) await Promise.race(this.#underWay);
    this.#throwIfFailed();
    const thread = this.#threads.find(({ settle }) => settle === null) ?? this.#start();
    const run = this.#run(thread, manifests)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(run));
    this.#underWay.add(run);
  }

  /** Resolves once all are made. Throws what one failed with. */
  async finish(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwIfFailed();
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(files: BatchFiles): void {
    for (const table of Object.keys(files) as TableName[]) this.#note(files[table]);
  }

  async #run(thread: Thread, manifests: readonly Manifest[]): Promise<void> {
    const answer = await new Promise<RowAnswer>((done, failed) => {
      thread.settle = { done, failed };
      thread.worker.postMessage({ manifests } satisfies RowRequest);
    }).finally(() => {
      thread.settle = null;
    });
    if (answer.kind === 'failed') throw answer.error;
    this.#stores.adopt(answer);
    this.#take(answer.files);
  }

  #start(): Thread {
    const start: RowStart = {
      address: this.#lake.address,
      expected: this.#expected,
      beside: this.#stores.beside,
    };
    const worker = new Worker(new URL('./row-worker.ts', import.meta.url), {
      workerData: start,
      // Options of the process that started us (`--input-type`, `--eval`) are not the worker's.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    const thread: Thread = { worker, settle: null };
    worker.on('message', (answer: RowAnswer) => thread.settle?.done(answer));
    worker.on('error', (error) => thread.settle?.failed(error));
    this.#threads.push(thread);
    return thread;
  }
}
