/** A lake: a vault, a state store, and a note of the format they are in. In a local folder here, on S3 by another file. */

import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { newerError } from '../schema/newer.ts';
import { namesIn, removeFile, syncFile, syncFolder, tempPath } from './durable-file.ts';
import type { Catalogue } from './evidence.ts';
import { commandName, folderState } from './folder-state.ts';
import { folderVault, linkNew, prepareFolder } from './folder-store.ts';
import { isReplaceableKey } from './keys.ts';
import { describeHolder, lockHolder, takeLock } from './lock-file.ts';
import { removeExpired } from './retention.ts';
import type { KeyVersions } from './s3/versions.ts';
import type { ObjectStat, StateStore, VaultStore } from './store.ts';
import { isMissing, notReplaceable, storeError } from './store-error.ts';

/** The format this version writes, and the newest it reads. */
export const LAKE_FORMAT = 1;

const NOTE = 'lake.json';
/** The lock of who writes. */
const WRITER = 'writer';

export interface Lake {
  /** What opens it again, from any folder: an absolute path, or an address on S3. */
  readonly address: string;
  /**
   * Absolute path of the folder on this machine with what lies in neither store: keys, the writer's lock, files in the
   * making. A lake in a folder is that folder.
   */
  readonly root: string;
  readonly vault: VaultStore;
  readonly state: StateStore;
  /**
   * A path for a file in the making, on the vault's file system, so that giving it away as a `disposable` body
   * moves no bytes. What a killed process leaves there is swept.
   */
  scratchPath(suffix: string): string;
  /**
   * Removes a data file, or a list of them, that others took the place of and that no snapshot in use names. Throws
   * VAULT_LOCKED for anything else, before its date, and while a case holds it; STORE_MISSING.
   */
  removeReplaced?(key: string, now: Date): Promise<void>;
  /** The catalogue whose tables follow each seal, where the lake's settings name one. */
  readonly catalogue?: Catalogue;
  /** Only where the stores are not folders of this machine. */
  readonly remote?: RemoteParts;
}

/** What a lake elsewhere can do that one in a folder has no need of. */
export interface RemoteParts {
  /**
   * What a key names now, or a range of it, in one request: another version may lie over the one that counts, so this is
   * for who knows the hash of what is read. Throws STORE_MISSING and what reading throws.
   */
  newest(key: string, range: { readonly start: number; readonly end: number } | null): Promise<Uint8Array>;
  /**
   * What is said of a key that was stored just before, in one request: of whatever version lies on top, as long as it is kept
   * for no less than the lake's settings promise.
   */
  statLately(key: string): Promise<ObjectStat | null>;
  /** A link by which anybody can read what is stored under the key, for so many seconds. Throws STORE_MISSING. */
  link(key: string, seconds: number): Promise<string>;
  /** Every key of the vault with all its versions. */
  versions(): AsyncIterable<KeyVersions>;
  /** Puts the verifier key where other machines find it; a key that is there stays. */
  publishVkey(text: string): Promise<void>;
  /** Null when none was published. */
  publishedVkey(): Promise<string | null>;
}

/** Whether it names a lake on S3: an `s3://` address, or a file of settings. */
export const isOnS3 = (address: string): boolean => address.startsWith('s3://') || address.endsWith('.json');

/** The SDK is loaded only for who needs it: it takes longer than most commands. */
async function openOnS3(address: string, purpose: 'read' | 'write'): Promise<Lake> {
  const { openS3Lake } = await import('./s3/s3-lake.ts');
  return openS3Lake(address, purpose);
}

/**
 * Opens a lake for writing, by its folder or its address on S3; makes it when nothing is there. Throws LAKE_NEWER, LAKE_NOT_EMPTY for a folder that
 * holds something else, LAKE_DAMAGED when its note cannot be read.
 */
export async function openLake(folder: string): Promise<Lake> {
  if (isOnS3(folder)) return openOnS3(folder, 'write');
  const root = resolve(folder);
  try {
    if ((await readNote(root)) === null) await makeLake(root);
    for (const part of ['vault', 'state']) await prepareFolder(join(root, part));
  } catch (error) {
    throw storeError(error, `opening the lake "${root}"`);
  }
  return lakeAt(root);
}

/** Opens a lake for reading: writes nothing, takes no lock. Throws LAKE_MISSING, LAKE_NEWER, LAKE_DAMAGED. */
export async function openLakeForReading(folder: string): Promise<Lake> {
  if (isOnS3(folder)) return openOnS3(folder, 'read');
  const root = resolve(folder);
  const format = await readNote(root).catch((error: unknown) => {
    throw storeError(error, `opening the lake "${root}"`);
  });
  if (format !== null) return lakeAt(root);
  throw new AkashiError(
    'LAKE_MISSING',
    `"${root}" is no lake: it holds no ${NOTE}. Make one with \`akashi collect <path…> --lake ${folder}\`, ` +
      'or name another with --lake or AKASHI_LAKE.',
  );
}

function lakeAt(root: string): Lake {
  const vault = join(root, 'vault');
  return {
    address: root,
    root,
    vault: folderVault(vault),
    state: folderState(join(root, 'state')),
    scratchPath: (suffix) => tempPath(vault, suffix),
    removeReplaced: async (key, now) => {
      if (!isReplaceableKey(key)) throw notReplaceable(key);
      await removeExpired(vault, key, now);
    },
  };
}

/** The lake's format; null when the folder or its note is not there. */
async function readNote(root: string): Promise<number | null> {
  const path = join(root, NOTE);
  let format: unknown;
  try {
    format = (JSON.parse(await readFile(path, 'utf8')) as { format?: unknown } | null)?.format;
  } catch (error) {
    if (isMissing(error)) return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof format !== 'number' || !Number.isSafeInteger(format) || format < 1)
    throw new AkashiError(
      'LAKE_DAMAGED',
      `"${path}" must be JSON with a whole number "format", and is not. Everything else in the lake may be intact: ` +
        `put back {"format":${LAKE_FORMAT}} if this version wrote it, then run \`akashi verify\`.`,
    );
  if (format > LAKE_FORMAT) throw newerError(`"${root}"`, format, LAKE_FORMAT);
  return format;
}

async function makeLake(root: string): Promise<void> {
  const others = (await namesIn(root)).filter((name) => !name.startsWith('.') && name !== NOTE);
  // The note comes before all else: whoever finds something there may have been overtaken by another maker.
  if (others.length > 0 && (await readNote(root)) !== null) return;
  if (others.length > 0)
    throw new AkashiError(
      'LAKE_NOT_EMPTY',
      `"${root}" is no lake (it holds no ${NOTE}) and not empty: "${others[0]}" is there. ` +
        'Name a folder that is new or empty, or the lake itself.',
    );
  await prepareFolder(root);
  const temp = tempPath(root);
  try {
    await writeFile(temp, `${JSON.stringify({ format: LAKE_FORMAT })}\n`, { flag: 'wx', mode: 0o444 });
    await syncFile(temp);
    // Another process may be first; its note says the same or is checked on the way out.
    if (!linkNew(temp, join(root, NOTE))) await readNote(root);
    await syncFolder(root);
  } finally {
    removeFile(temp);
  }
}

/** Who writes the lake now, as the middle and end of a message; null when nobody does. */
export async function writerNow(lake: Lake): Promise<string | null> {
  const holder = await lockHolder(join(lake.root, 'state'), WRITER);
  return holder === null ? null : describeHolder(holder);
}

export interface WriterOptions {
  /** How long to wait for another writer, milliseconds; by default not at all. */
  readonly waitMillis?: number;
  /** What this writer does, for whoever finds the lake locked. */
  readonly command?: string;
}

/**
 * Runs `work` as the lake's only writer. Readers need no lock and are never kept waiting. A writer that was killed
 * keeps nobody out: its lock is taken over. Throws LAKE_LOCKED.
 */
export async function withWriter<T>(
  lake: Lake,
  work: () => Promise<T>,
  options: WriterOptions = {},
): Promise<T> {
  const { waitMillis = 0, command = commandName() } = options;
  const lock = await takeLock(join(lake.root, 'state'), WRITER, { waitMillis, command }).catch(
    (error: unknown) => {
      throw storeError(error, `locking the lake "${lake.address}"`);
    },
  );
  if (!lock.taken)
    throw new AkashiError(
      'LAKE_LOCKED',
      `"${lake.address}" is being written ${describeHolder(lock.holder)} Queries need no lock and work meanwhile.`,
    );
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
