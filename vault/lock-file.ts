/**
 * A lock between processes that outlives none of them: a file names its holder, and the lock of a dead holder is
 * taken over.
 *
 * Unlinking a dead holder's file and linking one's own would race: a second process that saw the same dead holder
 * could unlink the lock just taken. So a lock is a row of generations, `<name>.1`, `<name>.2`, …, of which the
 * highest counts. Taking it is linking the next generation, which exactly one process can do; releasing it is
 * replacing one's own file by one that says so; and the highest generation is never removed.
 */

import { link, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, namesIn, removeFile, TEMP_FOLDER, tempPath } from './durable-file.ts';
import { livenessOf, ownIdentity, type ProcessIdentity, parseIdentity } from './process-identity.ts';
import { errnoOf, isMissing } from './store-error.ts';

/** Who has a lock. */
export interface LockHolder {
  /** Null when the file names nobody this version understands. */
  readonly process: ProcessIdentity | null;
  readonly command: string;
  /** ISO 8601; empty when unknown. */
  readonly since: string;
  /** False when it runs where we cannot see whether it lives: another container or machine. */
  readonly visible: boolean;
  /** The file to remove when a person knows better. */
  readonly path: string;
}

export type LockAttempt =
  | { readonly taken: true; readonly release: () => Promise<void> }
  | { readonly taken: false; readonly holder: LockHolder };

export interface LockOptions {
  /** How long to wait for a live holder, milliseconds. */
  readonly waitMillis: number;
  /** What this process does, for whoever finds the lock taken. */
  readonly command: string;
}

const LOCK_FOLDER = '.lock';

/** Takes the lock `name` (letters) of a lake folder. Never throws for a lock that is taken. */
export async function takeLock(root: string, name: string, options: LockOptions): Promise<LockAttempt> {
  for (const folder of [LOCK_FOLDER, TEMP_FOLDER]) await makeFolder(root, join(root, folder));
  const deadline = performance.now() + options.waitMillis;
  for (let pauseMillis = 2; ; pauseMillis = Math.min(pauseMillis * 2, 50)) {
    const attempt = await tryOnce(root, name, options.command);
    if (attempt === 'again') continue;
    if (attempt.taken || performance.now() >= deadline) return attempt;
    // Jitter, so that those who wait together do not ask together.
    await new Promise((resolve) => setTimeout(resolve, pauseMillis * (0.5 + Math.random())));
  }
}

/** Who has the lock now; null when it is free. Takes nothing and waits for nobody. */
export async function lockHolder(root: string, name: string): Promise<LockHolder | null> {
  const folder = join(root, LOCK_FOLDER);
  const [latest] = await generations(folder, name);
  if (latest === undefined) return null;
  const holder = await holderOf(join(folder, `${name}.${latest}`));
  return holder === 'gone' || holder === 'free' ? null : holder;
}

async function tryOnce(root: string, name: string, command: string): Promise<LockAttempt | 'again'> {
  const folder = join(root, LOCK_FOLDER);
  const path = (generation: number) => join(folder, `${name}.${generation}`);
  const [latest = 0, ...older] = await generations(folder, name);
  if (latest > 0) {
    const holder = await holderOf(path(latest));
    if (holder === 'gone') return 'again';
    if (holder !== 'free') return { taken: false, holder };
  }

  const mine = latest + 1;
  const claim = { ...ownIdentity(), command, since: new Date().toISOString() };
  const temp = tempPath(root);
  await writeFile(temp, JSON.stringify(claim), { flag: 'wx', mode: 0o644 });
  try {
    await link(temp, path(mine));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'again';
    throw error;
  } finally {
    removeFile(temp);
  }

  // We may have been slow: others took and left higher generations meanwhile and tidied up below them, so that ours
  // could be linked once more. Then a higher one is there, and the one we built on is gone, since they tidy from the
  // lowest up. Both are asked: a folder listing may miss a name that comes while it runs.
  const builtOnIsThere = latest === 0 || (await exists(path(latest)));
  const [highest] = await generations(folder, name);
  if (!builtOnIsThere || highest !== mine) {
    removeFile(path(mine));
    return 'again';
  }
  for (const generation of [...older.reverse(), latest]) if (generation > 0) removeFile(path(generation));

  const release = async () => {
    const released = tempPath(root);
    await writeFile(released, JSON.stringify({ released: true }), { flag: 'wx', mode: 0o644 });
    await rename(released, path(mine));
  };
  return { taken: true, release };
}

/** Generations of a lock that are there, highest first. */
async function generations(folder: string, name: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const file of await namesIn(folder)) {
    const match = /^([a-z]+)\.([1-9]\d{0,14})$/.exec(file);
    if (match?.[1] === name) numbers.push(Number(match[2]));
  }
  return numbers.sort((a, b) => b - a);
}

async function holderOf(path: string): Promise<LockHolder | 'free' | 'gone'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return 'gone';
    throw error;
  }
  // Locks are linked whole; only a power cut leaves one empty or zeroed, and its holder did not outlive that.
  if (/^[\0\s]*$/.test(text)) return 'free';
  const claim = parse(text);
  if (claim['released'] === true) return 'free';
  const process = parseIdentity(claim);
  const liveness = process === null ? 'unknown' : livenessOf(process);
  if (liveness === 'dead') return 'free';
  const { command, since } = claim;
  return {
    process,
    command: typeof command === 'string' ? command : '',
    since: typeof since === 'string' ? since : '',
    visible: liveness === 'alive',
    path,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Who has the lock and how to go on, as the middle and end of a message. */
export function describeHolder({ process, command, since, visible, path }: LockHolder): string {
  if (process === null)
    return `by something this version does not know. If nothing else uses the lake, remove "${path}".`;
  const who = `by process ${process.pid}${command && ` (${command})`}${since && ` since ${since}`}`;
  if (visible) return `${who}. Wait for it to end, or stop it; a lock whose process is gone is taken over.`;
  return (
    `${who}, in another container or on machine "${process.host}", where its life cannot be seen. ` +
    `Wait for it to end; only if you know that it is gone, remove "${path}".`
  );
}
