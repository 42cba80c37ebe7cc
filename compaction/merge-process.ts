/** Merges in a process of its own: what it takes is bounded and given back, and its end is not ours. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AkashiError } from '../schema/error.ts';
import type { Lake } from '../vault/lake.ts';
import type { DayJob, MergedDay } from './day-job.ts';

const CHILD = fileURLToPath(new URL('./merge-child.ts', import.meta.url));

/** Heap of the process, megabytes: rows on their way and one file in the making. */
const HEAP_MEGABYTES = 1024;

export type ChildAnswer = MergedDay | { readonly code: string; readonly message: string };

export interface Merger {
  /** Throws DATA_ALTERED, COMPACT_FAILED, and what the stores throw. */
  merge(job: DayJob): Promise<MergedDay>;
  close(): void;
}

/** Starts a process for the lake at this address, at the first job. */
export function mergeProcess({ address }: Pick<Lake, 'address'>): Merger {
  let child: ChildProcess | null = null;
  const start = (): ChildProcess => {
    child ??= fork(CHILD, [address], {
      execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    return child;
  };
  return {
    merge: (job) =>
      new Promise((resolve, reject) => {
        const process = start();
        const ended = (code: number | null, signal: string | null) => {
          child = null;
          reject(
            new AkashiError(
              'COMPACT_FAILED',
              `The process that merged ${job.table} of ${job.day} ended with ${signal ?? code}. Nothing was replaced; run the command again.`,
            ),
          );
        };
        process.once('exit', ended);
        process.once('message', (answer: ChildAnswer) => {
          process.off('exit', ended);
          if ('files' in answer) resolve(answer);
          else reject(new AkashiError(answer.code, answer.message));
        });
        process.send(job);
      }),
    close: () => {
      child?.disconnect();
      child = null;
    },
  };
}
