/**
 * A data file laid out with only some of its parts: these where they were, and where the footer was one that names only
 * the wanted row groups. With the original footer a reader prunes by it, and a bloom filter of zeros would leave rows out
 * without a word.
 */

import { open } from 'node:fs/promises';
import { MAGIC } from '../../tables/parquet/format.ts';
import type { Range } from './coalesce.ts';
import type { Part } from './sidecar.ts';

/** What of a stored file is needed, with the hash of each part. */
export interface FilePlan {
  /** In the vault. */
  readonly key: string;
  /** Where the footer begins, and the one that takes its place. */
  readonly footerOffset: number;
  readonly footer: Uint8Array;
  readonly ranges: readonly Range[];
}

/** `read` hands over every part, in any order, once it is what its hash says. */
export async function laySparse(
  path: string,
  { footerOffset, footer }: Pick<FilePlan, 'footerOffset' | 'footer'>,
  read: (take: (part: Part, bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const handle = await open(path, 'wx', 0o400);
  try {
    await handle.truncate(footerOffset + footer.length);
    await handle.write(MAGIC, 0, MAGIC.length, 0);
    await handle.write(footer, 0, footer.length, footerOffset);
    await read(async ({ offset }, bytes) => {
      await handle.write(bytes, 0, bytes.length, offset);
    });
  } finally {
    await handle.close();
  }
}
