/** A package as a folder. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AkashiError } from '../../schema/error.ts';
import type { BagFile } from './bag.ts';

/** Writes every file of the bag below `folder`, which must be new. Throws as `checkedBytes` does. */
export async function writeFolder(
  files: readonly BagFile[],
  folder: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.name);
    await mkdir(dirname(path), { recursive: true });
    const bytes = Readable.from(checkedBytes(file, onBytes), { objectMode: false });
    await pipeline(bytes, createWriteStream(path, { flags: 'wx' }));
  }
}

/** The bytes of a file; throws PACKAGE_CHANGED at the end when they are not those that the manifest names. */
export async function* checkedBytes(
  { name, size, sha256, open }: BagFile,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  let length = 0;
  for await (const chunk of open()) {
    digest.update(chunk);
    length += chunk.length;
    onBytes(chunk.length);
    yield chunk;
  }
  if (length === size && digest.digest('hex') === sha256) return;
  throw new AkashiError(
    'PACKAGE_CHANGED',
    `"${name}" is not what was sealed, or changed while it was copied. Nothing was written. Run \`akashi verify --deep\`.`,
  );
}
