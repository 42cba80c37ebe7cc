/** Puts a finished package where it is wanted: whole, or not at all. */

import { createWriteStream } from 'node:fs';
import { link, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AkashiError } from '../../schema/error.ts';
import type { BagFile } from './bag.ts';
import { writeFolder } from './folder.ts';
import type { Staging } from './staging.ts';
import { zipStream } from './zip.ts';

export interface PackageOutput {
  readonly kind: 'folder' | 'zip' | 'age';
  /** Nothing may be there, but for an empty folder where a folder is to be written. */
  readonly path: string;
  /** age recipients, for `age`. */
  readonly recipients?: readonly string[];
}

export interface Placed {
  readonly files: number;
  /** Of the files together. */
  readonly bytes: number;
  /** Of what was written: the zip, the encrypted zip, or the files. */
  readonly written: number;
}

/** Throws PACKAGE_EXISTS rather than replace or mix; PACKAGE_RECIPIENT. To be asked before the work and again by it. */
export async function checkOutput({ kind, path, recipients = [] }: PackageOutput): Promise<void> {
  const found = await stat(path).catch(() => null);
  const isEmptyFolder = found?.isDirectory() === true && (await readdir(path)).length === 0;
  if (found !== null && !(kind === 'folder' && isEmptyFolder))
    throw new AkashiError(
      'PACKAGE_EXISTS',
      `"${path}" is there already, and a package replaces nothing. Name a place that is new${kind === 'folder' ? ' or an empty folder' : ''}.`,
    );
  // Age is loaded only for who encrypts.
  if (kind === 'age') await (await import('./age.ts')).encryptTo(recipients);
}

/** Throws as `checkOutput` and `checkedBytes` do, and the file system's errors. */
export async function placePackage(
  bag: readonly BagFile[],
  top: string,
  output: PackageOutput,
  staging: Staging,
  onBytes: (done: number, total: number) => void,
): Promise<Placed> {
  await checkOutput(output);
  const total = bag.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const count = (bytes: number) => {
    done += bytes;
    onBytes(done, total);
  };
  const goal = resolve(output.path);
  if (output.kind === 'folder') {
    const made = join(staging.folder, 'bag');
    await writeFolder(bag, made, count);
    // Over an empty folder or nothing; over anything else it fails.
    await rename(made, goal).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? exists(goal) : error;
    });
    return { files: bag.length, bytes: total, written: total };
  }
  const made = join(staging.folder, 'package');
  const zip = zipStream(bag, top, count);
  const bytes =
    output.kind === 'zip'
      ? zip
      : await (await (await import('./age.ts')).encryptTo(output.recipients ?? []))(zip);
  await pipeline(bytes, createWriteStream(made, { flags: 'wx' }));
  const file = await open(made);
  await file.sync();
  await file.close();
  const { size } = await stat(made);
  await linkNew(made, goal);
  return { files: bag.length, bytes: total, written: size };
}

/** Under a name that nothing has: what came there meanwhile is not replaced. */
async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exists(to);
    // Some file systems have no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await rename(from, to);
  } finally {
    await rm(from, { force: true });
  }
}

const exists = (path: string): AkashiError =>
  new AkashiError('PACKAGE_EXISTS', `"${path}" came there meanwhile, and a package replaces nothing.`);
