/** Data files brought to this machine for a merge, each checked against the hash that the ledger vouches for. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AkashiError } from '../schema/error.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import { removeFile } from '../vault/durable-file.ts';
import type { Lake } from '../vault/lake.ts';
import { pooled } from '../vault/pool.ts';
import { storeError } from '../vault/store-error.ts';

const COPIES_AT_ONCE = 8;

type From = Pick<Lake, 'vault' | 'scratchPath'>;

/**
 * Runs `work` over copies of the files, in their order, and removes the copies. Copies, because what is hashed must be
 * what is read: it is sealed again, and an altered file must never come to stand under a new seal. Throws DATA_ALTERED for a file that is not what was sealed, and what the vault throws.
 */
export async function withInputs<T>(
  lake: From,
  files: readonly DataFileEntry[],
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const copies = files.map((file) => ({ file, path: lake.scratchPath('.parquet') }));
  try {
    await pooled(copies, COPIES_AT_ONCE, ({ file, path }) => copyChecked(lake, file, path));
    return await work(copies.map(({ path }) => path));
  } finally {
    for (const { path } of copies) removeFile(path);
  }
}

async function copyChecked({ vault }: From, { key, sha256 }: DataFileEntry, path: string): Promise<void> {
  const digest = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of vault.openRead(key)) {
      digest.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(hashed(), createWriteStream(path, { flags: 'wx', mode: 0o400 }));
  } catch (error) {
    throw storeError(error, `copying "${key}" to be merged`);
  }
  const found = digest.digest('hex');
  if (found === sha256) return;
  throw new AkashiError(
    'DATA_ALTERED',
    `"${key}" holds other bytes than were sealed: its SHA-256 is ${found}, and was ${sha256}. Nothing was made of it. ` +
      'Run `akashi verify --deep` to see everything that was changed.',
  );
}
