/** A thread that makes rows again: where and what is expected at its start, then one batch of bodies a message. */

import { workerData } from 'node:worker_threads';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { runJob } from '../stages/job.ts';
import { answerRequests } from '../stages/pool-thread.ts';
import type { BatchFiles } from '../stages/store.ts';
import { openLakeForReading } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import { type Expected, restoringStores } from './restoring-stores.ts';
import type { PassedOver } from './sealed-tree.ts';

export interface RowStart {
  /** Of the lake. */
  readonly address: string;
  readonly expected: Expected;
  /** Folder of the store beside it. */
  readonly beside: string;
}

/** What was made, stored, and not stored, for one batch. */
export interface RowsMade {
  readonly files: BatchFiles;
  readonly restored: ReadonlyMap<string, number>;
  readonly failed: readonly PassedOver[];
}

const { address, expected, beside } = workerData as RowStart;
// The thread that started us holds the writer's lock.
const lake = await openLakeForReading(address);

answerRequests(async (manifests: readonly Manifest[]): Promise<RowsMade> => {
  const stores = await restoringStores(lake, expected, beside);
  const { files } = await runJob(stores, manifests, EXPANSION_LIMITS);
  return { files, restored: stores.restored, failed: stores.failed };
});
