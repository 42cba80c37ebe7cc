/** Rows made again on as many threads as there are cores, once there are so many that starting threads pays. */

import { availableParallelism } from 'node:os';
import type { TableName } from '../schema/columns.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { runJob } from '../stages/job.ts';
import type { BatchFiles } from '../stages/store.ts';
import { WorkerPool } from '../stages/worker-pool.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { Expected, RestoringStores } from './restoring-stores.ts';
import type { RowStart, RowsMade } from './row-worker.ts';

/** Bytes of evidence that one thread reads faster than another starts. */
const WORTH_THREADS = 32 * 2 ** 20;

export class RowPool {
  readonly #stores: RestoringStores;
  readonly #note: (files: Iterable<DataFileEntry>) => void;
  readonly #pool: WorkerPool<readonly Manifest[], RowsMade>;
  readonly #worthThreads: number;
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  #failure: unknown;

  /** `note` hears of the files of each batch that was made. */
  constructor(
    { address }: Pick<Lake, 'address'>,
    stores: RestoringStores,
    expected: Expected,
    note: (files: Iterable<DataFileEntry>) => void,
    { size = availableParallelism(), worthThreads = WORTH_THREADS } = {},
  ) {
    this.#stores = stores;
    this.#note = note;
    this.#pool = new WorkerPool({
      entry: new URL('./row-worker.ts', import.meta.url),
      start: { address, expected, beside: stores.beside } satisfies RowStart,
      size,
    });
    this.#worthThreads = worthThreads;
  }

  /** Resolves once it is made, or a thread is at it. Throws what an earlier one failed with. */
  async add(manifests: readonly Manifest[]): Promise<void> {
    for (const { size } of manifests) this.#bytes += size;
    if (this.#bytes < this.#worthThreads || this.#pool.size < 2) {
      this.#take((await runJob(this.#stores, manifests, EXPANSION_LIMITS)).files);
      return;
    }
    while (this.#underWay.size >= this.#pool.size) await Promise.race(this.#underWay);
    this.#throwIfFailed();
    const run = this.#run(manifests)
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

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #run(manifests: readonly Manifest[]): Promise<void> {
    const made = await this.#pool.run(manifests);
    this.#stores.adopt(made);
    this.#take(made.files);
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(files: BatchFiles): void {
    for (const table of Object.keys(files) as TableName[]) this.#note(files[table]);
  }
}
