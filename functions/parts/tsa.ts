/** Whose time-stamps a function believes. */

import { writeFile } from 'node:fs/promises';
import { type Certificate, readRoots } from '../../ledger/timestamps/certificate.ts';
import type { Lake } from '../../vault/lake.ts';
import { readEnvironment } from '../environment.ts';

/** The roots that AKASHI_TSA_ROOTS holds or names; null when it is not set. Throws TSA_ROOTS_UNUSABLE. */
export async function tsaRoots(lake: Lake): Promise<readonly Certificate[] | null> {
  const { AKASHI_TSA_ROOTS: roots } = readEnvironment(['AKASHI_TSA_ROOTS']);
  if (roots === undefined) return null;
  if (!roots.includes('-----BEGIN')) return readRoots(roots);
  const path = lake.scratchPath('.pem');
  await writeFile(path, roots);
  return readRoots(path);
}
