/**
 * Legal holds in a folder: an empty file under `.holds/` for each object that must stay, whatever its retention date.
 *
 * Like retention here, this is a promise kept by our code alone: `removeExpired` heeds it, and whoever owns the disk
 * can remove the mark or the object by other means. `akashi verify` names a mark that is gone.
 */

import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile, syncFolder } from './durable-file.ts';
import { sizeAt } from './folder-read.ts';
import { checkKey } from './key-syntax.ts';
import { isMissing, missing, storeError } from './store-error.ts';

/** Folder of a vault that holds the marks; no key can name it. */
export const HOLDS_FOLDER = '.holds';

const markOf = (root: string, key: string): string => join(root, HOLDS_FOLDER, key);

/** Whether the object is held. */
export const isHeld = (root: string, key: string): boolean => existsSync(markOf(root, key));

/** Holds an object of a vault folder, or lets it go. Durable when it resolves. Throws STORE_MISSING, STORE_DENIED. */
export async function setFolderHold(root: string, key: string, on: boolean): Promise<void> {
  checkKey(key);
  const mark = markOf(root, key);
  try {
    if (sizeAt(join(root, key)) === null) throw missing(key, `"${root}"`);
    if (!on) {
      removeFile(mark);
      await syncFolder(dirname(mark)).catch((error: unknown) => {
        // Never held: there is no folder either.
        if (!isMissing(error)) throw error;
      });
      return;
    }
    await makeFolders(root, dirname(key));
    closeSync(openSync(mark, 'a', 0o444));
    await syncFolder(dirname(mark));
  } catch (error) {
    throw storeError(error, `${on ? 'holding' : 'releasing'} "${key}" in "${root}"`);
  }
}

/** Makes the folders of a mark, each name durable. */
async function makeFolders(root: string, folder: string): Promise<void> {
  let made = root;
  for (const name of [HOLDS_FOLDER, ...folder.split('/')]) {
    const next = join(made, name);
    if (!existsSync(next)) {
      await mkdir(next, { recursive: true });
      await syncFolder(made);
    }
    made = next;
  }
}
