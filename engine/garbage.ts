/**
 * What DuckDB hands out (results, chunks, statements) lies outside of JavaScript's heap. Its collector does not see how
 * large that is, and would leave hundreds of MiB lying which count against the process's limit.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many chunks that nobody holds any more lie about at most; each takes some hundred KiB, however few its rows. */
const CHUNKS = 256;

let collect: (() => void) | null = null;

/** Frees what was handed out and is held no longer; what is freed last is freed in a turn of its own. */
export async function collectGarbage(): Promise<void> {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  await new Promise((resolve) => setImmediate(resolve));
}

/** To be told of every chunk: frees them before they are too many. */
export function chunkCollector(): () => Promise<void> {
  let chunks = 0;
  return async () => {
    if (++chunks % CHUNKS === 0) await collectGarbage();
  };
}
