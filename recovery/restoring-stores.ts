/**
 * Stores through which files are made again: what comes out with the hash that was sealed is stored under its name, and
 * nothing else ever is. Files that were given up and are only needed to make others go into a store beside.
 */

import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../ledger/store.ts';
import type { Claims } from '../stages/verify/claims.ts';
import { listHash, rangesKey } from '../stages/verify/claims.ts';
import type { Stores } from '../vault/evidence.ts';
import { folderVault, prepareFolder } from '../vault/folder-store.ts';
import type { Body, StateStore, VaultStore, WriteOutcome } from '../vault/store.ts';
import type { WriteKind } from '../vault/write-kind.ts';
import type { PassedOver } from './sealed-tree.ts';

export interface RestoringStores extends Stores {
  /** Keys that were stored again, and their bytes. */
  readonly restored: ReadonlyMap<string, number>;
  /** Names under which other bytes came out, or lie already. */
  readonly failed: readonly PassedOver[];
  /** Folder of the store beside the lake. */
  readonly beside: string;
  /** What another thread stored and did not store, by the same rules. */
  adopt(other: {
    readonly restored: ReadonlyMap<string, number>;
    readonly failed: readonly PassedOver[];
  }): void;
  /** Whether a data file can be read here, with the hashes of its parts: it lies in the vault, was restored, or was made for others. */
  has(key: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What is to come out; plain, so that threads can be told. */
export interface Expected {
  /** SHA-256 under which each key below `tables/` was sealed, those that were given up since among them. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Of them, keys that the ledger still counts as there. */
  readonly kept: ReadonlySet<string>;
  /** Keys that the vault has. */
  readonly present: ReadonlySet<string>;
}

export function expectedOf({ objects, data, lists }: Claims, present: ReadonlySet<string>): Expected {
  const hashes = new Map<string, string>();
  // A snapshot is made from the lists of the one before it, whether or not anybody still keeps those.
  for (const key of lists.keys()) hashes.set(key, listHash(key)!);
  for (const [key, { sha256, ranges }] of data) {
    hashes.set(key, sha256);
    if (ranges !== null) hashes.set(rangesKey(key), ranges);
  }
  const kept = new Set<string>();
  for (const { key, sha256 } of objects.values()) {
    if (!key.startsWith('tables/')) continue;
    hashes.set(key, sha256);
    kept.add(key);
  }
  return { hashes, kept, present };
}

/** `folder`: where the store beside the lake lies; a new one, which `close` removes, unless given. */
export async function restoringStores(
  { vault, state }: Stores,
  { hashes: expected, kept, present }: Expected,
  folder?: string,
): Promise<RestoringStores> {
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'akashi-rebuild-')));
  if (folder === undefined) await prepareFolder(place);
  const beside = folderVault(place);
  const restored = new Map<string, number>();
  const failed: PassedOver[] = [];

  const putIfAbsent = async (key: string, body: Body, kind: WriteKind): Promise<WriteOutcome> => {
    const made = body instanceof Uint8Array ? hash('sha256', body, 'hex') : body.sha256;
    if (expected.get(key) !== made) {
      if (expected.has(key)) failed.push({ key, problem: 'made again, it has other bytes than were sealed' });
      return 'exists';
    }
    if (present.has(key) || restored.has(key)) return 'exists';
    // Given up since: nobody asks for it any more, but a file that was merged from it.
    if (!kept.has(key)) return beside.putIfAbsent(key, body, kind);
    try {
      const outcome = await vault.putIfAbsent(key, body, kind);
      restored.set(key, body instanceof Uint8Array ? body.length : body.size);
      return outcome;
    } catch (error) {
      if (!hasCode(error, 'STORE_CONFLICT')) throw error;
      failed.push({ key, problem: 'something else lies under its name' });
      return 'exists';
    }
  };
  const isThere = async (key: string): Promise<boolean> =>
    present.has(key) || restored.has(key) || (await beside.stat(key)) !== null;
  const besideFirst = async (key: string): Promise<VaultStore> =>
    (await beside.stat(key)) === null ? vault : beside;
  const restoring: VaultStore = {
    name: vault.name,
    ...(vault.location === undefined ? {} : { location: vault.location }),
    putIfAbsent,
    putManyIfAbsent: async (items) => {
      const outcomes: WriteOutcome[] = [];
      for (const { key, body, kind } of items) outcomes.push(await putIfAbsent(key, body, kind));
      return outcomes;
    },
    get: async (key) => (await besideFirst(key)).get(key),
    getRange: async (key, start, end) => (await besideFirst(key)).getRange(key, start, end),
    stat: async (key) => (await besideFirst(key)).stat(key),
    list: (prefix) => vault.list(prefix),
    async *openRead(key) {
      yield* (await besideFirst(key)).openRead(key);
    },
  };
  return {
    vault: restoring,
    state: leniently(state),
    restored,
    failed,
    beside: place,
    adopt(other) {
      for (const [key, size] of other.restored) restored.set(key, size);
      failed.push(...other.failed);
    },
    has: async (key) => (await isThere(key)) && (await isThere(rangesKey(key))),
    close: async () => {
      if (folder === undefined) await rm(place, { recursive: true, force: true });
    },
  };
}

/** What is kept there of a file is made from it whenever it is not right: other bytes are in nobody's way. */
const leniently = (state: StateStore): StateStore => ({
  ...state,
  putManyIfAbsent: async (items) => {
    try {
      return await state.putManyIfAbsent(items);
    } catch (error) {
      if (!hasCode(error, 'STORE_CONFLICT')) throw error;
      return items.map(() => 'exists' as const);
    }
  },
});
