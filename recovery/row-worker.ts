/** A thread that makes rows again: where and what is expected at its start, then one batch of bodies a message. */

import { parentPort, workerData } from 'node:worker_threads';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { runJob } from '../stages/job.ts';
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

export interface RowRequest {
  readonly manifests: readonly Manifest[];
}

export type RowAnswer =
  | {
      readonly kind: 'done';
      readonly files: BatchFiles;
      /** What was stored, and what was not, for this batch. */
      readonly restored: ReadonlyMap<string, number>;
      readonly failed: readonly PassedOver[];
    }
  | { readonly kind: 'failed'; readonly error: unknown };

const { address, expected, beside } = workerData as RowStart;
const port = parentPort!;
// The thread that started us holds the writer's lock.
const lake = await openLakeForReading(address);

async function made({ manifests }: RowRequest): Promise<RowAnswer> {
  const stores = await restoringStores(lake, expected, beside);
  const { files } = await runJob(stores, manifests, EXPANSION_LIMITS);
  return { kind: 'done', files, restored: stores.restored, failed: stores.failed };
}

port.on('message', (request: RowRequest) => {
  made(request).then(
    (answer) => port.postMessage(answer),
    (error: unknown) => port.postMessage({ kind: 'failed', error } satisfies RowAnswer),
  );
});
