/** Object metadata of many objects, read from `<name>.metadata.json` files wherever they lie. */

import { claimOf } from '../ledger/digests/names.ts';
import { describedBy, type ObjectFacts, readSidecar } from './sidecar.ts';
import { checkPaths, walk } from './walk.ts';

/**
 * By the described object's name, without folders. Throws PATH_MISSING; files that are no sidecars are passed over.
 */
export async function readSidecars(paths: readonly string[]): Promise<ReadonlyMap<string, ObjectFacts>> {
  await checkPaths(paths);
  const found = new Map<string, ObjectFacts>();
  for await (const file of walk(paths, [])) {
    if ('code' in file) continue;
    const sidecar = describedBy(claimOf(file.path).base) === null ? file.sidecar : file;
    if (sidecar === null) continue;
    const facts = await readSidecar(sidecar.path);
    if (facts !== null) found.set(describedBy(claimOf(sidecar.path).base)!, facts);
  }
  return found;
}
