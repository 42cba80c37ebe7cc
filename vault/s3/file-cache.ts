/** Data files of a lake on S3, fetched to this machine and checked against the hash that the ledger vouches for. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AkashiError } from '../../schema/error.ts';
import { hashFile, removeFile, tempPath } from '../durable-file.ts';
import { pooled } from '../pool.ts';
import type { VaultStore } from '../store.ts';
import { isMissing, storeError } from '../store-error.ts';

/** A file as a snapshot of the lake names it. */
export interface RemoteFile {
  readonly key: string;
  readonly sha256: string;
  /** Bytes. */
  readonly bytes: number;
}

const FETCHES = 8;
/** Beyond this, files not used for longest make room; what a query needs is never among them. */
const MOST_BYTES = 10 * 2 ** 30;

/** Where a file lies once it is fetched: named by its hash, so that it never goes stale. */
export const cachedPath = (root: string, { sha256 }: Pick<RemoteFile, 'sha256'>): string =>
  join(root, 'cache', `${sha256}.parquet`);

/**
 * Fetches what is not there yet. Throws DATA_ALTERED for a file that is not what was sealed: it is never kept under its
 * name; and what the vault throws.
 */
export async function fetchFiles(
  root: string,
  vault: Pick<VaultStore, 'openRead'>,
  files: readonly RemoteFile[],
  mostBytes = MOST_BYTES,
): Promise<void> {
  try {
    await mkdir(join(root, 'cache'), { recursive: true });
    await pooled(files, FETCHES, (file) => fetchFile(root, vault, file));
    await makeRoom(join(root, 'cache'), new Set(files.map(({ sha256 }) => `${sha256}.parquet`)), mostBytes);
  } catch (error) {
    throw storeError(error, `fetching data files to "${join(root, 'cache')}"`);
  }
}

async function fetchFile(root: string, vault: Pick<VaultStore, 'openRead'>, file: RemoteFile): Promise<void> {
  const path = cachedPath(root, file);
  if (await isWhole(path, file)) {
    const now = new Date();
    await utimes(path, now, now);
    return;
  }
  const temp = tempPath(root);
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of vault.openRead(file.key)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(hashed(), createWriteStream(temp, { flags: 'wx', mode: 0o444 }));
    const found = hash.digest('hex');
    if (found !== file.sha256)
      throw new AkashiError(
        'DATA_ALTERED',
        `"${file.key}" holds other bytes than were sealed: its SHA-256 is ${found}, and was ${file.sha256}. It was not ` +
          'read. Run `akashi verify --deep` to see everything that was changed.',
      );
    await rename(temp, path);
  } finally {
    removeFile(temp);
  }
}

/** Hashed anew: what lies on this machine may have been changed since it was fetched. */
async function isWhole(path: string, { sha256, bytes }: RemoteFile): Promise<boolean> {
  try {
    return (await stat(path)).size === bytes && (await hashFile(path)).sha256 === sha256;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function makeRoom(folder: string, needed: ReadonlySet<string>, mostBytes: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name)).catch(() => ({ size: 0, mtimeMs: 0 }));
      return { name, size, mtimeMs };
    }),
  );
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= mostBytes) return;
    if (needed.has(name)) continue;
    removeFile(join(folder, name));
    total -= size;
  }
}
