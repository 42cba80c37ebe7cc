/** The bytes of a file that is collected: in memory where they are few, else where they lie, or copied if they will not hold still. */

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { spool } from '../connectors/delivery/spool.ts';
import { SAMPLE_BYTES } from '../connectors/recognise.ts';
import { AkashiError } from '../schema/error.ts';
import type { Body } from '../vault/store.ts';

/** Files read whole into memory; larger ones are hashed and copied as streams. */
const SMALL_FILE = 8 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;

export interface FileContent {
  readonly body: Body;
  /** Its first bytes, enough to tell whose it is. */
  readonly head: Uint8Array;
  readonly size: number;
}

/** What the file holds when it is opened; what others add meanwhile is left for the next time. Throws as `open` does. */
export async function readFileBody(path: string): Promise<FileContent> {
  return withFile(path, async (file, size) => {
    if (size <= SMALL_FILE) {
      const body = await firstBytes(file, size);
      return { body, head: body, size: body.length };
    }
    const head = await firstBytes(file, 2 * SAMPLE_BYTES);
    const digest = createHash('sha256');
    let read = 0;
    for await (const chunk of chunksOf(file, size)) {
      digest.update(chunk);
      read += chunk.length;
    }
    return { body: { path, sha256: digest.digest('hex'), size: read }, head, size: read };
  });
}

/** The same as a copy that nobody else writes to. `scratch` gives the path of a file that is not there yet. */
export async function copyFileBody(path: string, scratch: () => string): Promise<Body> {
  return withFile(path, (file, size) => spool(chunksOf(file, size), scratch));
}

/** Whether storing a file failed because it is no longer what was read of it, or is gone. */
export function isOfChangedFile(error: unknown, path: string): boolean {
  if (error instanceof AkashiError && error.code === 'STORE_BODY_CHANGED') return true;
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    if ((one as NodeJS.ErrnoException).path === path) return true;
  return false;
}

/** Opened so that a pipe that has taken the file's place makes nobody wait for who writes to it. */
async function withFile<T>(path: string, use: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  // Windows has no such flag, and no such pipes.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw Object.assign(new Error('it is no file any more'), { path });
    return await use(file, facts.size);
  } finally {
    await file.close();
  }
}

/** At most `most` bytes: fewer where the file has become shorter. */
async function firstBytes(file: FileHandle, most: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(most);
  let length = 0;
  while (length < most) {
    const { bytesRead } = await file.read(bytes, length, most - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** The first `size` bytes, each chunk in memory of its own. */
async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; ) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
