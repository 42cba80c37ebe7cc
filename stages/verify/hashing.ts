/** Hashes many objects: in this thread when they are few, and where they are files of this machine, on all cores. */

import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { pooled } from '../../vault/pool.ts';
import type { VaultStore } from '../../vault/store.ts';
import type { HashAnswer, HashRequest } from './hash-worker.ts';
import { messageOf } from './report.ts';

export type Hashed = { readonly sha256: string; readonly size: number } | { readonly problem: string };

export type OnHashed = (key: string, found: Hashed) => void;

/** Below these, starting a thread takes longer than the hashing. */
const WORTH_A_THREAD_BYTES = 64 * 2 ** 20;
const WORTH_A_THREAD_FILES = 400;
/** Objects read at once in this thread: it hides waiting for the store, which over a network is nearly all. */
const PARALLEL = 4;
const PARALLEL_REMOTE = 32;
/** What a thread is given at a time. */
const BATCH_BYTES = 32 * 2 ** 20;
const BATCH_FILES = 256;

/** Tells of each object once, in any order. What cannot be read is a problem of that object alone. */
export async function hashObjects(
  vault: VaultStore,
  objects: readonly { readonly key: string; readonly size: number }[],
  threads: number,
  onHashed: OnHashed,
): Promise<void> {
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  const few = total < WORTH_A_THREAD_BYTES && objects.length < WORTH_A_THREAD_FILES;
  if (vault.localPath === undefined || few) {
    const parallel = vault.localPath === undefined ? PARALLEL_REMOTE : PARALLEL;
    await pooled(objects, parallel, async ({ key }) => onHashed(key, await hashObject(vault, key)));
    return;
  }
  const batches = batchesOf(objects);
  const pathOf = vault.localPath;
  const starts = Array.from({ length: Math.max(1, Math.min(threads, batches.length)) });
  await Promise.all(starts.map(() => runWorker(batches, pathOf, onHashed)));
}

/** SHA-256 and size of one object; memory stays flat. */
export async function hashObject(vault: Pick<VaultStore, 'openRead'>, key: string): Promise<Hashed> {
  const digest = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of vault.openRead(key)) {
      digest.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    return { problem: messageOf(error) };
  }
  return { sha256: digest.digest('hex'), size };
}

function batchesOf(objects: readonly { readonly key: string; readonly size: number }[]): string[][] {
  const batches: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const { key, size } of objects) {
    if (bytes + size > BATCH_BYTES || batches.at(-1)!.length >= BATCH_FILES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(key);
    bytes += size;
  }
  // The last is taken first.
  return batches.reverse();
}

/** Takes batches until none is left. Rejects when the thread itself dies. */
function runWorker(batches: string[][], pathOf: (key: string) => string, onHashed: OnHashed): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./hash-worker.ts', import.meta.url));
    const next = () => {
      const batch = batches.pop();
      if (batch === undefined) {
        void worker.terminate().then(() => resolve());
        return;
      }
      const request: HashRequest = { files: batch.map((key) => ({ key, path: pathOf(key) })) };
      worker.postMessage(request);
    };
    worker.on('message', ({ found }: HashAnswer) => {
      for (const { key, hashed } of found) onHashed(key, hashed);
      next();
    });
    worker.on('error', reject);
    next();
  });
}
