/** Reading a folder as a store: sizes, ranges and sorted listings. Errors are the file system's own. */

import { statSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Listed } from './store.ts';
import { checkRange, isMissing } from './store-error.ts';

/** Size in bytes of the object at a path; null for none. */
export function sizeAt(path: string): number | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined || found.isDirectory() ? null : found.size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Bytes `start` to `end` (exclusive) of a file; STORE_RANGE naming `key` when it does not have them. */
export async function readRange(path: string, key: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    checkRange(key, start, end, (await file.stat()).size);
    const buffer = Buffer.allocUnsafeSlow(end - start);
    for (let done = 0; done < buffer.length; ) {
      const { bytesRead } = await file.read(buffer, done, buffer.length - done, start + done);
      // Shortened since it was asked for its size.
      if (bytesRead === 0) checkRange(key, start, end, start + done);
      done += bytesRead;
    }
    return buffer;
  } finally {
    await file.close();
  }
}

interface Entry {
  readonly key: string;
  readonly isFolder: boolean;
}

/** Keys below `folder` (empty, or a key's beginning that ends in `/`) that start with `prefix`, in byte order. */
export async function* listFolder(root: string, folder: string, prefix: string): AsyncGenerator<Listed> {
  const entries = (await entriesOf(root, folder)).filter(
    ({ key, isFolder }) => key.startsWith(prefix) || (isFolder && prefix.startsWith(key)),
  );
  for (const { key, isFolder } of entries) {
    if (isFolder) {
      yield* listFolder(root, key, prefix);
      continue;
    }
    const size = sizeAt(join(root, key));
    // Null: removed since the folder was read.
    if (size !== null) yield { key, size };
  }
}

async function entriesOf(root: string, folder: string): Promise<Entry[]> {
  try {
    return (
      (await readdir(join(root, folder), { withFileTypes: true }))
        // Temporary files, locks and records of the store itself.
        .filter(({ name }) => !name.startsWith('.'))
        .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
        // A folder sorts as what its keys start with, so that `067.p/1` comes before `067/1`.
        .map(({ name, isFolder }) => ({ key: folder + name + (isFolder ? '/' : ''), isFolder }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
    );
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
