/** Files of a package in the making: on disk, hashed while they are written, gone when it is done. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BagFile } from './bag.ts';

export interface Staging {
  /** A private folder on the file system that the package will lie on. */
  readonly folder: string;
  /** Starts a file. */
  create(name: string): Promise<StagedFile>;
  /** A file that something else wrote at `path`. */
  adopt(name: string, path: string): Promise<BagFile>;
  remove(): Promise<void>;
}

export interface StagedFile {
  write(bytes: string | Uint8Array): Promise<void>;
  /** Bytes so far. */
  readonly size: number;
  finish(): Promise<BagFile>;
}

/** Written at a time, bytes. */
const BUFFER = 1 << 20;

/** Beside `out`, so that nothing of a package lies on another disk than it. */
export async function openStaging(out: string): Promise<Staging> {
  const folder = await mkdtemp(join(dirname(resolve(out)), '.akashi-package-'));
  const handles: FileHandle[] = [];
  return {
    folder,
    async create(name) {
      const path = join(folder, `part-${handles.length}`);
      const file = await open(path, 'wx', 0o600);
      handles.push(file);
      return stagedFile(name, path, file);
    },
    async adopt(name, path) {
      const digest = createHash('sha256');
      let size = 0;
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        digest.update(chunk);
        size += chunk.length;
      }
      return { name, size, sha256: digest.digest('hex'), open: () => createReadStream(path) };
    },
    async remove() {
      // Where the work failed, files are open still; closing one twice does no harm.
      for (const file of handles) await file.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function stagedFile(name: string, path: string, file: FileHandle): StagedFile {
  const digest = createHash('sha256');
  let size = 0;
  let waiting: Buffer[] = [];
  let held = 0;
  const flush = async () => {
    if (held === 0) return;
    const bytes = Buffer.concat(waiting);
    waiting = [];
    held = 0;
    await file.writeFile(bytes);
  };
  return {
    get size() {
      return size;
    },
    async write(bytes) {
      const piece = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes);
      digest.update(piece);
      size += piece.length;
      held += piece.length;
      waiting.push(piece);
      if (held >= BUFFER) await flush();
    },
    async finish() {
      await flush();
      await file.close();
      return { name, size, sha256: digest.digest('hex'), open: () => createReadStream(path) };
    },
  };
}
