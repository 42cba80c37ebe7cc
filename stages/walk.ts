/** Finds the files that paths name: themselves, or all below them, in the order of their names. */

import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { describedBy, sidecarOf } from './sidecar.ts';

export interface FoundFile {
  readonly path: string;
  readonly size: number;
  /** Last-modified time, microseconds since the epoch, to the millisecond. */
  readonly modified: number;
  /** The file beside it that gives its object metadata; not yielded by itself. */
  readonly sidecar: FoundFile | null;
}

/** What was named or found and could not be taken; the rest is collected all the same. */
export interface Unreached {
  readonly path: string;
  readonly code: 'PATH_DENIED' | 'PATH_NOT_A_FILE' | 'PATH_LINK_OUTSIDE' | 'PATH_UNREADABLE';
  readonly message: string;
}

/** Throws PATH_MISSING for a path that is not there, before anything is read. */
export async function checkPaths(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await stat(path);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') continue;
      throw new AkashiError(
        'PATH_MISSING',
        `"${path}" is not there. Name a file or folder of logs that exists; nothing was collected.`,
        { cause },
      );
    }
  }
}

/**
 * Yields every file once, and what could not be reached; a file's sidecar comes with it. Links are followed where they
 * are named themselves; those found inside a folder only to files of that folder, so that no walk goes round and
 * whoever may write there cannot have other files of this machine collected. `exclude` are folders left
 * alone: the lake itself.
 */
export async function* walk(
  paths: readonly string[],
  exclude: readonly string[],
): AsyncGenerator<FoundFile | Unreached> {
  const left = new Set(exclude.map((path) => resolve(path)));
  const named = new Set(paths.map((path) => resolve(path)));
  for (const path of paths) {
    const described = describedBy(path);
    // It comes with the file it describes.
    if (described !== null && named.has(resolve(described)) && (await foundFile(described)) !== null)
      continue;
    yield* visit(path, path, left, await foundFile(sidecarOf(path)));
  }
}

/** `root` is the path that was named, under which this one lies. */
async function* visit(
  path: string,
  root: string,
  exclude: ReadonlySet<string>,
  sidecar: FoundFile | null,
): AsyncGenerator<FoundFile | Unreached> {
  if (exclude.has(resolve(path))) return;
  let facts: Stats;
  try {
    facts = await stat(path);
  } catch (error) {
    yield unreached(path, error);
    return;
  }
  if (facts.isFile()) {
    yield { ...fileOf(path, facts), sidecar };
  } else if (facts.isDirectory()) {
    yield* visitFolder(path, root, exclude);
  } else {
    yield { path, code: 'PATH_NOT_A_FILE', message: `"${path}" is neither a file nor a folder` };
  }
}

async function* visitFolder(
  path: string,
  root: string,
  exclude: ReadonlySet<string>,
): AsyncGenerator<FoundFile | Unreached> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    yield unreached(path, error);
    return;
  }
  const { undecodable, decodable } = await namesIn(path, entries);
  for (const name of undecodable) {
    const shown = join(path, name);
    const message = `"${shown}" has a name that is not UTF-8, by which it cannot be opened. Rename it and collect it again.`;
    yield { path: shown, code: 'PATH_UNREADABLE', message };
  }
  entries = entries.filter(({ name }) => decodable?.delete(name) ?? true);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isSymbolicLink()) {
      if (await isFolder(inner)) continue;
      const target = await linkTarget(inner);
      if (target !== null && !isWithin(await realpath(root), target)) {
        yield outside(inner, target);
        continue;
      }
    }
    const described = describedBy(entry.name);
    if (described !== null && files.has(described) && files.has(entry.name)) continue;
    const beside = sidecarOf(entry.name);
    const sidecar = files.has(beside) ? await foundFile(join(path, beside)) : null;
    yield* visit(inner, root, exclude, sidecar);
  }
}

/**
 * Names that bytes beyond UTF-8 make unusable, and the others, each once: two names can read alike, and one of them would
 * be taken for the other. `decodable` is null where all are.
 */
async function namesIn(
  path: string,
  entries: readonly Dirent[],
): Promise<{ undecodable: readonly string[]; decodable: Set<string> | null }> {
  if (!entries.some(({ name }) => name.includes('\ufffd'))) return { undecodable: [], decodable: null };
  const names = await readdir(path, { encoding: 'buffer' }).catch(() => []);
  const isWhole = (name: Buffer) => Buffer.from(name.toString()).equals(name);
  return {
    undecodable: names.filter((name) => !isWhole(name)).map(String),
    decodable: new Set(names.filter(isWhole).map(String)),
  };
}

const fileOf = (path: string, { size, mtimeMs }: Stats): FoundFile => ({
  path,
  size,
  modified: Math.floor(mtimeMs) * 1000,
  sidecar: null,
});

/** Null when there is no such file. */
async function foundFile(path: string): Promise<FoundFile | null> {
  return stat(path).then(
    (facts) => (facts.isFile() ? fileOf(path, facts) : null),
    () => null,
  );
}

/** Null for a link to nothing, which reading it will say. */
async function linkTarget(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}

function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function outside(path: string, target: string): Unreached {
  return {
    path,
    code: 'PATH_LINK_OUTSIDE',
    message: `"${path}" links to "${target}", which lies outside the folder that was named. Name that file itself if it belongs to it.`,
  };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

/** A file that cannot be read, as a sentence with the way out. */
export function unreached(path: string, error: unknown): Unreached {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      path,
      code: 'PATH_DENIED',
      message: `"${path}" may not be read by this user. Grant read permission and collect it again.`,
    };
  }
  return { path, code: 'PATH_UNREADABLE', message: `"${path}" cannot be read: ${message ?? String(error)}` };
}
