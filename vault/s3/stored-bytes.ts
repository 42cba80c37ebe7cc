/** Whether stored bytes are the ones at hand. */

import { createHash } from 'node:crypto';
import type { Bucket } from './client.ts';
import { type Facts, readBody } from './download.ts';

export interface Stored {
  readonly versionId: string;
  readonly facts: Facts;
}

/**
 * Compares size and SHA-256. A hash that only the object's own metadata claims is not believed: the bytes are read, so
 * that nobody can have a body taken for stored by writing its hash beside another one.
 */
export async function holdsBytes(
  bucket: Bucket,
  key: string,
  facts: Facts,
  size: number,
  sha256: string,
): Promise<boolean> {
  if (facts.size !== size) return false;
  if (facts.sha256From === 'server') return facts.sha256 === sha256;
  const hash = createHash('sha256');
  for await (const chunk of readBody(bucket, key, facts.versionId)) hash.update(chunk);
  return hash.digest('hex') === sha256;
}
