/** What a lake's folders show that no listing of keys does: links, pipes, hidden files, names beside the lake's own. */

import { type Dirent, lstatSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stores } from '../../vault/evidence.ts';
import { HOLDS_FOLDER } from '../../vault/legal-hold.ts';
import type { StateStore, VaultStore } from '../../vault/store.ts';
import { isMissing, missing } from '../../vault/store-error.ts';
import { KEY_FILE, VKEY_FILE } from '../ledger.ts';
import { messageOf, type Verification } from './report.ts';

/** What each folder holds beside keys. */
const OWN_NAMES = {
  root: new Set(['lake.json', VKEY_FILE, 'keys', 'vault', 'state', '.tmp']),
  vault: new Set(['.tmp', '.lock', '.retention.json', HOLDS_FOLDER]),
  state: new Set(['.tmp', '.lock']),
} as const;

/** Others than its owner. */
const ANYONE_ELSE = 0o077;
const ANYONE_WRITES = 0o222;

/** Keys under which something lies that must not be opened: reading a pipe never ends. */
export interface Unreadable {
  readonly vault: ReadonlySet<string>;
  readonly state: ReadonlySet<string>;
}

/** Looks at names and kinds of files alone and opens none. `modes`: also whether the vault's files are still read-only. */
export async function inspectFolder(root: string, modes: boolean, result: Verification): Promise<Unreadable> {
  for (const entry of await entriesOf(root, '', result)) {
    if (!OWN_NAMES.root.has(entry.name))
      result.foreign.push(entry.isDirectory() ? `${entry.name}/` : entry.name);
    else if (isDevice(entry)) notAFile(entry, entry.name, result);
  }
  const unreadable = { vault: new Set<string>(), state: new Set<string>() };
  let writable = 0;
  for (const store of ['vault', 'state'] as const) {
    const folder = join(root, store);
    for await (const { key, entry } of walk(folder, '', OWN_NAMES[store], result)) {
      if (isDevice(entry)) unreadable[store].add(key);
      if (!entry.isFile()) notAFile(entry, key, result);
      else if (key.includes('\ufffd'))
        result.problems.push({
          code: 'ADDED',
          key,
          detail: 'its name is no text; no part of a lake has such a name',
        });
      else if (modes && store === 'vault' && isWritable(join(folder, key))) writable++;
    }
  }
  if (writable > 0)
    result.caveats.push(
      `${writable} of the vault's files may be written to: their read-only mode, which guards against accidents, is gone.`,
    );
  if (await isExposed(join(root, KEY_FILE)))
    result.caveats.push(
      `Others than its owner may read ${KEY_FILE}: whoever did can sign in the lake's name. Run chmod 600 and think of replacing the key.`,
    );
  return unreadable;
}

async function* walk(
  folder: string,
  path: string,
  own: ReadonlySet<string>,
  result: Verification,
): AsyncGenerator<{ key: string; entry: Dirent }> {
  for (const entry of await entriesOf(folder, path, result)) {
    const key = path + entry.name;
    if (path === '' && own.has(entry.name)) continue;
    // No key starts with a dot, so that no listing shows it and nothing reads it.
    if (entry.name.startsWith('.')) result.foreign.push(key);
    else if (entry.isDirectory()) yield* walk(folder, `${key}/`, own, result);
    else yield { key, entry };
  }
}

async function entriesOf(folder: string, path: string, result: Verification): Promise<Dirent[]> {
  try {
    return (await readdir(join(folder, path), { withFileTypes: true })).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  } catch (error) {
    if (!isMissing(error)) result.problems.push({ code: 'UNREADABLE', key: path, detail: messageOf(error) });
    return [];
  }
}

const isDevice = (entry: Dirent): boolean =>
  entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();

function notAFile(entry: Dirent, key: string, result: Verification): void {
  const detail = entry.isSymbolicLink()
    ? 'a symbolic link stands in its place: what it leads to is not kept by this lake'
    : 'a pipe, socket or device stands in its place; it was not read';
  result.problems.push({ code: 'NOT_A_FILE', key, detail });
}

/** Asked in this thread: handing it to another costs more than the answer. */
function isWritable(path: string): boolean {
  if (process.platform === 'win32') return false;
  return ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0) & ANYONE_WRITES) !== 0;
}

async function isExposed(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  try {
    return ((await stat(path)).mode & ANYONE_ELSE) !== 0;
  } catch {
    // Kept elsewhere, as it should be.
    return false;
  }
}

/** The stores without what must not be opened: it is not there, for whoever asks. */
export function withoutUnreadable({ vault, state }: Stores, unreadable: Unreadable): Stores {
  return {
    vault: unreadable.vault.size === 0 ? vault : without(vault, unreadable.vault),
    state: unreadable.state.size === 0 ? state : without(state, unreadable.state),
  };
}

function without<S extends VaultStore | StateStore>(store: S, hidden: ReadonlySet<string>): S {
  const refuse = (key: string) => {
    if (hidden.has(key)) throw missing(key, store.name);
  };
  return {
    ...store,
    get: async (key) => {
      refuse(key);
      return store.get(key);
    },
    stat: async (key) => (hidden.has(key) ? null : store.stat(key)),
    async *list(prefix) {
      for await (const found of store.list(prefix)) if (!hidden.has(found.key)) yield found;
    },
    async *openRead(key) {
      refuse(key);
      yield* store.openRead(key);
    },
  };
}
