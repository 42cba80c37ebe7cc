/**
 * A lake whose stores keep at hand what they stored or read and what is never replaced: for a process that seals time and
 * again, and would otherwise read at each seal what it wrote at the one before.
 *
 * Only `get` and `getRange` are answered from memory. Whether something is there, how it is locked and what is listed is
 * always asked: of a body, in one request instead of two. What somebody removes or alters meanwhile a new process notices, and `verify`, which remembers nothing.
 */

import { AkashiError } from '../schema/error.ts';
import { hashBytes } from './durable-file.ts';
import { type Key, parseKey } from './keys.ts';
import type { Lake, RemoteParts } from './lake.ts';
import type { StateStore, Store, StoredObject, VaultStore, WriteItem, WriteOutcome } from './store.ts';
import { checkRange } from './store-error.ts';

export interface Remembering {
  readonly lake: Lake;
  /** Lets go of everything: after a failure, since something may not be as it was taken to be. */
  forget(): void;
}

/** Larger objects are read once and seldom again. */
const MOST_OBJECT_BYTES = 8 * 2 ** 20;

/** What of a state store is written once, or always alike under one key: parts of the ledger and of indexes. */
const LASTING = new Set<Key['class']>(['partialTile', 'partialEntries', 'staging', 'needles', 'index']);

/** `mostBytes`: what is kept at hand, the least recently used going first. */
export function remembering(lake: Lake, mostBytes: number): Remembering {
  const memory = new Memory(mostBytes);
  const { removeReplaced } = lake;
  return {
    lake: {
      ...lake,
      ...(removeReplaced === undefined
        ? {}
        : {
            async removeReplaced(key: string, now: Date) {
              memory.delete(vaultName(key));
              await removeReplaced(key, now);
            },
          }),
      vault: rememberingVault(lake.vault, lake.remote, memory),
      state: rememberingState(lake.state, memory),
    },
    forget: () => memory.clear(),
  };
}

/** Bytes by store and key, with a bound. */
class Memory {
  readonly #most: number;
  readonly #kept = new Map<string, StoredObject>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): StoredObject | null {
    const found = this.#kept.get(key);
    if (found === undefined) return null;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found;
  }

  set(key: string, object: StoredObject): void {
    this.delete(key);
    if (object.body.length > MOST_OBJECT_BYTES) return;
    this.#kept.set(key, object);
    this.#bytes += object.body.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#most) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.#kept.get(key);
    if (found === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= found.body.length;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}

const vaultName = (key: string): string => `vault/${key}`;

/** Evidence is read once, when its rows are made. */
const isKept = (key: string): boolean => parseKey(key)?.class !== 'evidence';

function rememberingVault(
  vault: VaultStore,
  remote: Pick<RemoteParts, 'newest' | 'statLately'> | undefined,
  memory: Memory,
): VaultStore {
  const read = async (key: string): Promise<StoredObject> =>
    (remote === undefined ? null : await readNewest(remote, key)) ?? (await vault.get(key));
  return {
    ...vault,
    ...kept(vault, memory, vaultName, isKept, read),
    // A body that is sealed was stored a moment ago by whoever fetched it.
    stat: (key) =>
      remote !== undefined && parseKey(key)?.class === 'evidence' ? remote.statLately(key) : vault.stat(key),
  };
}

/**
 * What a key that names its content holds, in one request: whichever version bears that content is the right one. Null for
 * other keys, and where what lies on top is something else.
 */
async function readNewest(remote: Pick<RemoteParts, 'newest'>, key: string): Promise<StoredObject | null> {
  const sha256 = contentHash(key);
  if (sha256 === null) return null;
  try {
    const body = await remote.newest(key, null);
    return hashBytes(body) === sha256 ? { body, version: sha256 } : null;
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'STORE_MISSING') return null;
    throw error;
  }
}

/** SHA-256 of the bytes under a key of the vault that names them; null for others. */
function contentHash(key: string): string | null {
  const parts = parseKey(key);
  switch (parts?.class) {
    case 'evidence':
    case 'tableMetadata':
    case 'tablePart':
    case 'manifestList':
    case 'manifest':
    case 'growth':
      return parts.sha256;
    default:
      return null;
  }
}

function rememberingState(state: StateStore, memory: Memory): StateStore {
  const named = (key: string) => `state/${key}`;
  const isLasting = (key: string) => LASTING.has(parseKey(key)?.class ?? 'head');
  return {
    ...state,
    ...kept(state, memory, named, isLasting, (key) => state.get(key)),
    async put(key, body) {
      memory.delete(named(key));
      await state.put(key, body);
      if (isLasting(key)) memory.set(named(key), { body, version: hashBytes(body) });
    },
    async putIfUnchanged(key, body, expected) {
      memory.delete(named(key));
      return state.putIfUnchanged(key, body, expected);
    },
    async remove(key) {
      memory.delete(named(key));
      await state.remove(key);
    },
  };
}

/** The methods that remember. Nothing is kept before it is durable, and nothing of a write that was refused. */
function kept(
  store: Store,
  memory: Memory,
  named: (key: string) => string,
  isKept: (key: string) => boolean,
  read: (key: string) => Promise<StoredObject>,
): Pick<Store, 'get' | 'getRange' | 'putIfAbsent' | 'putManyIfAbsent'> {
  const putManyIfAbsent = async (items: readonly WriteItem[]): Promise<WriteOutcome[]> => {
    const outcomes = await store.putManyIfAbsent(items);
    // Created now or there before: the very same bytes.
    for (const { key, body } of items)
      if (body instanceof Uint8Array && isKept(key))
        memory.set(named(key), { body, version: hashBytes(body) });
    return outcomes;
  };
  return {
    putManyIfAbsent,
    putIfAbsent: async (key, body, kind) => (await putManyIfAbsent([{ key, body, kind }]))[0]!,
    async get(key) {
      const known = isKept(key) ? memory.get(named(key)) : null;
      if (known !== null) return known;
      const found = await read(key);
      if (isKept(key)) memory.set(named(key), found);
      return found;
    },
    async getRange(key, start, end) {
      const known = isKept(key) ? memory.get(named(key)) : null;
      if (known === null) return store.getRange(key, start, end);
      checkRange(key, start, end, known.body.length);
      return known.body.subarray(start, end);
    },
  };
}
