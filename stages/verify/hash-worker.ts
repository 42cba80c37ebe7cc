/** A thread that hashes files: a list of them in, their hashes out. */

import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Hashed } from './hashing.ts';

export interface HashRequest {
  readonly files: readonly { readonly key: string; readonly path: string }[];
}

export interface HashAnswer {
  readonly found: readonly { readonly key: string; readonly hashed: Hashed }[];
}

/** One buffer for all files: memory of its own for each chunk would cost a fifth of the time. */
const buffer = Buffer.allocUnsafeSlow(1 << 20);

function hashFile(path: string): Hashed {
  try {
    const file = openSync(path, 'r');
    try {
      let read = readSync(file, buffer, 0, buffer.length, null);
      // Files end where a read is short.
      if (read < buffer.length)
        return { sha256: hash('sha256', buffer.subarray(0, read), 'hex'), size: read };
      const digest = createHash('sha256');
      let size = 0;
      for (; read > 0; read = readSync(file, buffer, 0, buffer.length, null)) {
        digest.update(read === buffer.length ? buffer : buffer.subarray(0, read));
        size += read;
      }
      return { sha256: digest.digest('hex'), size };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

const port = parentPort!;
port.on('message', ({ files }: HashRequest) => {
  const answer: HashAnswer = { found: files.map(({ key, path }) => ({ key, hashed: hashFile(path) })) };
  port.postMessage(answer);
});
