/** Where an answer is to be written: looked at first, so that a slip is told before the work, not after it. */

import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Throws UsageError unless a file can be made at `path`: its folder exists, and it is no folder itself. */
export async function fileToWrite(option: string, path: string): Promise<void> {
  if (path === '' || path === '-')
    throw new UsageError(`--${option} takes the name of a file, but "${path}" was given.`);
  const folder = dirname(resolve(path));
  if (!(await isFolder(folder)))
    throw new UsageError(`--${option} ${path}: there is no folder "${folder}". Make it, or name another.`);
  if (await isFolder(path))
    throw new UsageError(`--${option} ${path} is a folder, and a file is to be written. Name a file.`);
}

/** Throws UsageError unless something can be made at `path`: the folder it is to lie in exists. */
export async function placeToMake(option: string, path: string): Promise<void> {
  if (path === '' || path === '-') throw new UsageError(`--${option} takes a name, but "${path}" was given.`);
  const folder = dirname(resolve(path));
  if (!(await isFolder(folder)))
    throw new UsageError(`--${option} ${path}: there is no folder "${folder}". Make it, or name another.`);
}

/** Throws UsageError unless `path` is a folder that is new or empty. */
export async function emptyFolder(option: string, path: string): Promise<void> {
  const held = await readdir(path).catch((error: NodeJS.ErrnoException) => error.code);
  if (held === 'ENOTDIR')
    throw new UsageError(`--${option} ${path} is a file, and a folder is to be written. Name a folder.`);
  if (Array.isArray(held) && held.length > 0)
    throw new UsageError(
      `--${option} ${path} is not empty, and what an earlier export left would mix with this one. ` +
        'Name a folder that is new or empty.',
    );
}

/** Throws UsageError for a place inside the lake, also where a link leads there or the lake is named by one. */
export async function outsideLake(option: string, path: string, root: string): Promise<void> {
  const way = relative(await realPlace(root), await realPlace(path));
  if (way !== '..' && !way.startsWith(`..${sep}`))
    throw new UsageError(
      `--${option} ${path} lies inside the lake, where only the lake writes. Name a place elsewhere.`,
    );
}

/** Where a path leads once links are followed; what is not there yet lies where its folder leads. */
async function realPlace(path: string): Promise<string> {
  const full = resolve(path);
  const parent = dirname(full);
  return realpath(full).catch(async () =>
    parent === full ? full : resolve(await realPlace(parent), relative(parent, full)),
  );
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
