/** Files that are either whole and durable under their final name, or not there. */

import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, fdatasync, fsync, openSync, unlinkSync, writeSync } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  utimes,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AkashiError } from '../schema/error.ts';
import { identityTag, livenessOf, ownIdentity, parseIdentityTag } from './process-identity.ts';
import type { Body, FileBody } from './store.ts';
import { bodyChanged, errnoOf, isMissing } from './store-error.ts';

/** Folder of a store that holds what is not yet stored; no key can name it. */
export const TEMP_FOLDER = '.tmp';

const READ_CHUNK_BYTES = 1 << 20;
/** Below this a file is read whole and written again: one pass, and cheaper than cloning. */
const SMALL_FILE_BYTES = 256 << 10;
/** A temporary file whose writer cannot be asked (another container or machine) is swept after a day untouched. */
const UNKNOWN_OWNER_MILLIS = 24 * 3600 * 1000;

/** A name in `.tmp/` that no other process or call uses and that `sweepTemps` can tell the owner of. */
export const tempPath = (root: string, suffix = ''): string =>
  join(root, TEMP_FOLDER, identityTag(ownIdentity()) + randomBytes(9).toString('hex') + suffix);

/** Removes a file; fine when it is not there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Chunks of a file, each in memory of its own. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (let done = 0; ; ) {
      // A small file gets a small chunk; one that grows is still read to its end.
      const buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(size - done, 1), READ_CHUNK_BYTES));
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Hash and size of a file of any size; memory stays flat. `sizeHint` saves a large buffer for a small file. */
export async function hashFile(
  path: string,
  sizeHint = READ_CHUNK_BYTES,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(sizeHint + 1, READ_CHUNK_BYTES));
    for (let size = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return { sha256: hash.digest('hex'), size };
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 of bytes in memory, 64 hex digits. */
export const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Writes a new file and makes its bytes durable; its name is durable only after `syncFolder`.
 *
 * Only the sync leaves the thread: every other call costs less than handing it to another thread would, which
 * doubled what one process can store.
 */
async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = openSync(path, 'wx', mode);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
    await dataSync(file);
  } finally {
    closeSync(file);
  }
}

const dataSync = promisify(fdatasync);
const fullSync = promisify(fsync);

/** Makes the bytes of a file durable. */
export const syncFile = (path: string): Promise<void> => withDescriptor(path, dataSync);

/** Makes the names in a folder durable. */
export const syncFolder = (path: string): Promise<void> => withDescriptor(path, fullSync);

async function withDescriptor(path: string, sync: (file: number) => Promise<void>): Promise<void> {
  const file = openSync(path, 'r');
  try {
    await sync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Puts a body under a temporary name: durable, and for a file checked against the size and hash it was announced
 * with, since somebody may have gone on writing to it. Throws STORE_BODY_CHANGED.
 */
export async function writeTemp(temp: string, body: Body, mode: number, key: string): Promise<void> {
  if (body instanceof Uint8Array) return writeNew(temp, body, mode);
  // Opening a pipe that has taken its place would wait for who writes to it.
  if (!(await stat(body.path)).isFile()) throw bodyChanged(body.path, key);
  if (body.size <= SMALL_FILE_BYTES && !body.disposable) {
    const bytes = await readFile(body.path);
    if (hashBytes(bytes) !== body.sha256) throw bodyChanged(body.path, key);
    return writeNew(temp, bytes, mode);
  }
  await takeFile(temp, body, mode);
  const found = await hashFile(temp);
  if (found.sha256 !== body.sha256 || found.size !== body.size) throw bodyChanged(body.path, key);
}

async function takeFile(temp: string, body: FileBody, mode: number): Promise<void> {
  // A clone shares the blocks where the file system can (btrfs, XFS, APFS) and copies them where it cannot.
  if (!body.disposable || !(await moved(body.path, temp)))
    await copyFile(body.path, temp, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(temp, mode);
  // A clone or a moved file brings its own time along; ours is when the store got it.
  const now = new Date();
  await utimes(temp, now, now);
  await syncFile(temp);
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
}

/** Makes folders, and knows which are durable so that each costs its syncs once in a process. */
export class FolderMaker {
  readonly #root: string;
  readonly #durable = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * When it resolves, every folder on the way from the root exists and its name is durable. A folder found is
   * synced too, once: another process may have made it a moment ago and not have come to the sync. The root itself
   * is never made: where it is gone, so is the disk it was on. Throws STORE_GONE.
   */
  async ensure(folders: Iterable<string>): Promise<void> {
    const parents = new Set<string>();
    const made = new Set<string>();
    for (const folder of folders) {
      if (this.#durable.has(folder)) continue;
      for (const step of stepsBetween(this.#root, folder)) {
        if (made.has(step)) continue;
        await makeFolder(this.#root, step);
        made.add(step);
        parents.add(dirname(step));
      }
    }
    for (const parent of parents) await syncFolder(parent);
    for (const folder of made) this.#durable.add(folder);
  }

  /** Runs `work` in folders that exist; once more if they were removed after we had made them. */
  async within<T>(folders: readonly string[], work: () => Promise<T>): Promise<T> {
    await this.ensure(folders);
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#durable.clear();
      await this.ensure(folders);
      return work();
    }
  }
}

/** Folders from below `root` down to `folder`, which lies in it. */
function stepsBetween(root: string, folder: string): string[] {
  const steps: string[] = [];
  for (let at = folder; at !== root; at = dirname(at)) steps.unshift(at);
  return steps;
}

/** Makes a folder in a store's root; fine when it is there. Throws STORE_GONE when the root is not. */
export async function makeFolder(root: string, path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    if (!isMissing(error) || dirname(path) !== root) throw error;
    throw new AkashiError(
      'STORE_GONE',
      `"${root}" is not there any more: it was removed or its disk was unmounted. Nothing was written elsewhere; ` +
        'bring it back and run the command again.',
      { cause: error },
    );
  }
}

/** Removes what dead processes left in `.tmp/`; a live writer's files are left alone. Returns how many went. */
export async function sweepTemps(root: string): Promise<number> {
  let swept = 0;
  for (const name of await namesIn(join(root, TEMP_FOLDER))) {
    const path = join(root, TEMP_FOLDER, name);
    if (!(await isLeftover(name, path))) continue;
    removeFile(path);
    swept++;
  }
  return swept;
}

async function isLeftover(name: string, path: string): Promise<boolean> {
  const owner = parseIdentityTag(name);
  const liveness = owner === null ? 'unknown' : livenessOf(owner);
  if (liveness !== 'unknown') return liveness === 'dead';
  try {
    return Date.now() - (await lstat(path)).mtimeMs > UNKNOWN_OWNER_MILLIS;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Names in a folder, unordered; none when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
