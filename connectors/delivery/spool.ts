/** Bodies off a stream: small ones into memory, others into a file, hashed on the way. */

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { SpooledBody } from './feed.ts';

/** Kept in memory up to this size, bytes. */
const MEMORY_BYTES = 8 * 2 ** 20;

/** `path` is asked for only when a file is needed. Throws what the stream throws; the file is then the caller's to sweep. */
export async function spool(
  chunks: AsyncIterable<Uint8Array>,
  path: () => string,
): Promise<Uint8Array | SpooledBody> {
  const held: Uint8Array[] = [];
  let size = 0;
  const iterator = chunks[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return Buffer.concat(held, size);
    held.push(value);
    size += value.length;
    if (size > MEMORY_BYTES) return intoFile(held, iterator, path());
  }
}

async function intoFile(
  held: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  path: string,
): Promise<SpooledBody> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx');
  try {
    const write = async (chunk: Uint8Array) => {
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    };
    for (const chunk of held) await write(chunk);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) await write(next.value);
  } finally {
    await file.close();
  }
  return { path, sha256: hash.digest('hex'), size, disposable: true };
}
