/** The state store as a local folder: replaceable objects are renamed into place under a lock. */

import { rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import {
  FolderMaker,
  hashBytes,
  hashFile,
  removeFile,
  syncFolder,
  TEMP_FOLDER,
  tempPath,
  writeTemp,
} from './durable-file.ts';
import { sizeAt } from './folder-read.ts';
import { folderVault, linkNew } from './folder-store.ts';
import { isWriteOnceKey } from './keys.ts';
import { describeHolder, takeLock } from './lock-file.ts';
import type { StateStore } from './store.ts';
import { changed, emptyBody, isMissing, storeError } from './store-error.ts';

const REPLACEABLE = 0o644;
/** Other processes' replacements take milliseconds each. */
const LOCK_WAIT_MILLIS = 5000;

export interface FolderStateOptions {
  /** How long a replacement waits for those of other processes, milliseconds; 5,000 unless given. */
  readonly lockWaitMillis?: number;
}

/** A state store in a folder of this machine. */
export type FolderState = StateStore & Required<Pick<StateStore, 'localPath'>>;

/** The state store in a folder. Touches nothing until used; a reader needs no right to write. */
export function folderState(folder: string, options: FolderStateOptions = {}): FolderState {
  const { lockWaitMillis = LOCK_WAIT_MILLIS } = options;
  const root = resolve(folder);
  // Write-once objects (`pending/`, `staging/`) are stored as in a vault.
  const once = folderVault(root);
  const { name, localPath } = once;
  const { setLegalHold: _, ...base } = once;
  const folders = new FolderMaker(root);

  const replace = async (
    key: string,
    body: Uint8Array,
    place: (temp: string, path: string) => Promise<void>,
  ) => {
    const path = localPath(key);
    if (body.length === 0) throw emptyBody(key);
    try {
      await folders.within([dirname(path), join(root, TEMP_FOLDER)], async () => {
        const temp = tempPath(root);
        try {
          await writeTemp(temp, body, REPLACEABLE, key);
          await locked(root, lockWaitMillis, () => place(temp, path));
        } finally {
          removeFile(temp);
        }
        await syncFolder(dirname(path));
      });
    } catch (error) {
      throw storeError(error, `replacing "${key}" in ${name}`);
    }
  };

  return {
    ...base,

    get: async (key) => {
      const { body } = await once.get(key);
      return { body, version: hashBytes(body) };
    },

    stat: async (key) => {
      const path = localPath(key);
      try {
        const version = await versionAt(path);
        return version && { size: version.size, version: version.sha256 };
      } catch (error) {
        throw storeError(error, `looking at "${key}" in ${name}`);
      }
    },

    put: (key, body) => replace(key, body, rename),

    putIfUnchanged: async (key, body, expected) => {
      await replace(key, body, async (temp, path) => {
        const found = (await versionAt(path))?.sha256 ?? null;
        if (found !== expected) throw changed(key, name, expected, found);
        if (expected !== null) await rename(temp, path);
        // Write-once writers take no lock, so a first body is linked as theirs are.
        else if (!linkNew(temp, path))
          throw changed(key, name, null, (await versionAt(path))?.sha256 ?? null);
      });
      return hashBytes(body);
    },

    remove: async (key) => {
      const path = localPath(key);
      try {
        // Not synced: an object that comes back after a power cut is handled again, which does no harm.
        if (isWriteOnceKey(key)) removeFile(path);
        else if (sizeAt(path) !== null) await locked(root, lockWaitMillis, async () => removeFile(path));
      } catch (error) {
        throw storeError(error, `removing "${key}" in ${name}`);
      }
    },
  };
}

/** The bytes themselves name the version; null when nothing is there. */
async function versionAt(path: string): Promise<{ sha256: string; size: number } | null> {
  if (sizeAt(path) === null) return null;
  try {
    return await hashFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function locked(root: string, waitMillis: number, work: () => Promise<void>): Promise<void> {
  await inTurn(root, async () => {
    const lock = await takeLock(root, 'store', { waitMillis, command: commandName() });
    if (!lock.taken)
      throw new AkashiError(
        'STORE_LOCKED',
        `"${root}" has been locked for over ${waitMillis / 1000} s ${describeHolder(lock.holder)}`,
      );
    try {
      await work();
    } finally {
      await lock.release();
    }
  });
}

/** What this process was started as; no arguments but the first word, since others may hold what is private. */
export const commandName = (): string =>
  [
    basename(process.argv[1] ?? 'node'),
    ...process.argv.slice(2, 3).filter((word) => /^[a-z-]+$/.test(word)),
  ].join(' ');

const turns = new Map<string, Promise<void>>();

/** One at a time within this process and in order; only other processes need asking in a loop. */
async function inTurn(root: string, work: () => Promise<void>): Promise<void> {
  const mine = (turns.get(root) ?? Promise.resolve()).then(work);
  const settled = mine.catch(() => {});
  turns.set(root, settled);
  try {
    await mine;
  } finally {
    if (turns.get(root) === settled) turns.delete(root);
  }
}
