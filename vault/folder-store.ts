/**
 * The vault as a local folder.
 *
 * A write-once object is written to a temporary name in the same file system, synced, linked to its final name
 * (which fails if that exists), and its folder synced: whenever the process or the machine dies, a final name holds
 * a whole body or is not there.
 *
 * What a folder cannot do is keep its owner out: read-only files and refusals guard against accidents, and the
 * ledger is what proves tampering.
 */

import { type BigIntStats, linkSync, statSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { hashOf, sizeOf } from './body.ts';
import {
  FolderMaker,
  hashFile,
  readChunks,
  removeFile,
  sweepTemps,
  syncFolder,
  TEMP_FOLDER,
  tempPath,
  writeTemp,
} from './durable-file.ts';
import { fileUri } from './file-uri.ts';
import { listFolder, readRange, sizeAt } from './folder-read.ts';
import { checkKey, checkPrefix } from './key-syntax.ts';
import { isLocked, parseKey } from './keys.ts';
import { isHeld, setFolderHold } from './legal-hold.ts';
import { pooled } from './pool.ts';
import { knownRetention, retainUntil } from './retention.ts';
import type { Body, ObjectLock, VaultStore, WriteItem, WriteOutcome } from './store.ts';
import { conflict, emptyBody, errnoOf, isMissing, missing, storeError } from './store-error.ts';

/** Syncs in flight at once; more gained nothing on the disks measured. */
const WRITE_CONCURRENCY = 16;
const READ_ONLY = 0o444;

/** A vault in a folder of this machine. */
export type FolderVault = VaultStore & Required<Pick<VaultStore, 'localPath'>>;

/** Makes a store's folder if need be and removes what dead writers left unfinished; for those who will write. */
export async function prepareFolder(root: string): Promise<void> {
  try {
    await mkdir(join(root, TEMP_FOLDER), { recursive: true });
    await syncFolder(root);
    await syncFolder(dirname(resolve(root)));
    await sweepTemps(root);
  } catch (error) {
    throw storeError(error, `preparing the folder "${root}"`);
  }
}

/** The vault in a folder. Touches nothing until used; a reader needs no right to write. */
export function folderVault(folder: string): FolderVault & Required<Pick<VaultStore, 'setLegalHold'>> {
  const root = resolve(folder);
  const name = `"${root}"`;
  const location = fileUri(root);
  const folders = new FolderMaker(root);
  const localPath = (key: string): string => {
    checkKey(key);
    return join(root, key);
  };

  /** Whether the very bytes are there; throws STORE_CONFLICT for others. */
  const holdsAlready = async (key: string, body: Body): Promise<boolean> => {
    const path = localPath(key);
    const size = sizeAt(path);
    if (size === null) return false;
    const same = size === sizeOf(body) && (await hashFile(path, size)).sha256 === hashOf(body);
    if (!same) throw conflict(key, name);
    if (!(body instanceof Uint8Array) && body.disposable) removeFile(body.path);
    return true;
  };

  const storeOne = async ({ key, body }: WriteItem): Promise<WriteOutcome> => {
    if (await holdsAlready(key, body)) return 'exists';
    const temp = tempPath(root);
    try {
      await writeTemp(temp, body, READ_ONLY, key);
      // Goes round again only if another writer's object came and went meanwhile (`pending/` does).
      while (!linkNew(temp, localPath(key))) if (await holdsAlready(key, body)) return 'exists';
      return 'created';
    } finally {
      removeFile(temp);
    }
  };

  const putManyIfAbsent = async (items: readonly WriteItem[]): Promise<WriteOutcome[]> => {
    for (const { key, body, kind } of items) {
      checkKey(key);
      if (sizeOf(body) === 0 && !kind.mayBeEmpty) throw emptyBody(key);
    }
    const parents = [...new Set(items.map(({ key }) => dirname(localPath(key))))];
    try {
      return await folders.within([...parents, join(root, TEMP_FOLDER)], async () => {
        const outcomes = await pooled(items, WRITE_CONCURRENCY, storeOne);
        // The bodies are durable; after this their names are too. It also covers names that exist already: another
        // process may have linked one a moment ago and not have come to the sync.
        await pooled(parents, WRITE_CONCURRENCY, syncFolder);
        return outcomes;
      });
    } catch (error) {
      const what = items.length === 1 ? `"${items[0]!.key}"` : `${items.length} objects`;
      throw storeError(error, `storing ${what} in ${name}`);
    }
  };

  return {
    name,
    ...(location === null ? {} : { location }),
    localPath,
    putManyIfAbsent,
    setLegalHold: (key, on) => setFolderHold(root, key, on),
    putIfAbsent: async (key, body, kind) => (await putManyIfAbsent([{ key, body, kind }]))[0]!,

    get: (key) =>
      reading(name, key, async () => {
        const path = localPath(key);
        return { body: await readFile(path), version: await fileVersion(path) };
      }),

    getRange: (key, start, end) => reading(name, key, () => readRange(localPath(key), key, start, end)),

    stat: async (key) => {
      const path = localPath(key);
      try {
        const found = statSync(path, { bigint: true, throwIfNoEntry: false });
        if (found === undefined || found.isDirectory()) return null;
        const lock = await lockOf(root, key, new Date(Number(found.mtimeMs)));
        return {
          size: Number(found.size),
          version: versionOf(found),
          ...(lock && { lock }),
          held: isHeld(root, key),
        };
      } catch (error) {
        if (isMissing(error)) return null;
        throw storeError(error, `looking at "${key}" in ${name}`);
      }
    },

    async *list(prefix) {
      checkPrefix(prefix);
      try {
        yield* listFolder(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
      } catch (error) {
        throw storeError(error, `listing "${prefix}" in ${name}`);
      }
    },

    async *openRead(key) {
      const path = localPath(key);
      try {
        yield* readChunks(path);
      } catch (error) {
        throw readError(name, key, error);
      }
    },
  };
}

/** Runs a read and says what went wrong in our words. */
export async function reading<T>(name: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw readError(name, key, error);
  }
}

function readError(name: string, key: string, error: unknown): AkashiError {
  // A folder of that name holds keys below it, but is no object.
  if (isMissing(error) || errnoOf(error) === 'EISDIR') return missing(key, name, error);
  return storeError(error, `reading "${key}" in ${name}`);
}

/** A write-once file has one version; size and time tell cheaply whether somebody touched it. */
const fileVersion = async (path: string): Promise<string> => versionOf(await stat(path, { bigint: true }));
const versionOf = ({ size, mtimeNs }: BigIntStats): string => `${size}-${mtimeNs}`;

async function lockOf(root: string, key: string, storedAt: Date): Promise<ObjectLock | null> {
  const parts = parseKey(key);
  if (parts === null || !isLocked(parts.class)) return null;
  const until = retainUntil(
    await knownRetention(root),
    storedAt,
    parts.class === 'evidence' ? parts.source : null,
  );
  return until && { mode: 'folder', retainUntil: until };
}

/** Links a whole file to its final name; false when that is taken. */
export function linkNew(temp: string, path: string): boolean {
  try {
    linkSync(temp, path);
    return true;
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    throw new AkashiError(
      'STORE_UNSUPPORTED',
      `The file system of "${path}" makes no hard links (${code}), which write-once storage is built on. ` +
        'Put the lake on a local disk (ext4, XFS, btrfs, APFS, NTFS).',
      { cause: error },
    );
  }
}
