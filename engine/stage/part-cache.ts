/**
 * Parts of data files on this machine, named by their SHA-256: they never go stale, and are hashed anew when they are
 * read, since somebody may have changed them. What was not used for longest makes room.
 */

import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '../../vault/durable-file.ts';
import { pooled } from '../../vault/pool.ts';
import { isMissing, storeError } from '../../vault/store-error.ts';

/** Beyond this, or beyond what is free beside them, files make room. */
const MOST_BYTES = 10 * 2 ** 30;
/** Room that is made at once, so that it is seldom looked for. */
const KEPT_SHARE = 0.9;
const FILES_AT_ONCE = 32;
/** Bytes in the folder, about: kept beside the parts so that it need not be counted each time. */
const TALLY = 'bytes';

export class PartCache {
  readonly #folder: string;
  readonly #mostBytes: number;
  /** A name for a file in the making, on the same file system. */
  readonly #tempPath: () => string;
  #added = 0;

  constructor(folder: string, tempPath: () => string, mostBytes = MOST_BYTES) {
    this.#folder = folder;
    this.#tempPath = tempPath;
    this.#mostBytes = mostBytes;
  }

  /** Null when it is not there, or is not what its name says. */
  async get(sha256: string): Promise<Buffer | null> {
    const path = this.#pathOf(sha256);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw storeError(error, `reading "${path}"`);
    }
    if (hash('sha256', bytes, 'hex') === sha256) {
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
      return bytes;
    }
    removeFile(path);
    return null;
  }

  async has(sha256: string): Promise<boolean> {
    return stat(this.#pathOf(sha256)).then(
      () => true,
      () => false,
    );
  }

  /** Keeps bytes whose hash was checked. Where the disk has no room for them they are not kept. */
  async put(sha256: string, bytes: Uint8Array): Promise<void> {
    const temp = this.#tempPath();
    try {
      await writeFile(temp, bytes, { flag: 'wx', mode: 0o444 });
      await mkdir(join(this.#folder, sha256.slice(0, 2)), { recursive: true });
      await rename(temp, this.#pathOf(sha256));
      this.#added += bytes.length;
    } catch (error) {
      removeFile(temp);
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC')
        throw storeError(error, `keeping a part in "${temp}"`);
    }
  }

  /** Keeps the whole below its cap; to be called once a query has what it needs. */
  async makeRoom(): Promise<void> {
    if (this.#added === 0) return;
    const tally = join(this.#folder, TALLY);
    const before = Number(await readFile(tally, 'utf8').catch(() => '0'));
    let total = (Number.isFinite(before) ? before : 0) + this.#added;
    this.#added = 0;
    const most = Math.min(this.#mostBytes, (total + (await freeBytes(this.#folder))) / 2);
    if (total > most) total = await this.#evict(most);
    const temp = this.#tempPath();
    await writeFile(temp, String(total));
    await rename(temp, tally);
  }

  async #evict(most: number): Promise<number> {
    const names = (await readdir(this.#folder, { recursive: true })).filter(
      (name) => name.length > TALLY.length,
    );
    const files = await pooled(names, FILES_AT_ONCE, async (name) => {
      const facts = await stat(join(this.#folder, name)).catch(() => null);
      return { name, size: facts?.isFile() ? facts.size : 0, usedAt: facts?.mtimeMs ?? 0 };
    });
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= most * KEPT_SHARE) break;
      if (size === 0) continue;
      removeFile(join(this.#folder, name));
      total -= size;
    }
    return total;
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }
}

const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};
