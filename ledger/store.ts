/** The little the ledger needs of a lake's two stores, and where in them it keeps what is not a tile. */

import { AkashiError } from '../schema/error.ts';
import { makeKey, parseKey } from '../vault/keys.ts';
import type { StateStore, StoredObject, VaultStore } from '../vault/store.ts';
import { toHex } from './encoding.ts';
import type { Hash } from './merkle.ts';

export type LedgerVault = Pick<VaultStore, 'putManyIfAbsent' | 'get' | 'list'>;

export type LedgerState = Pick<StateStore, 'putManyIfAbsent' | 'putIfUnchanged' | 'get' | 'list' | 'remove'>;

export interface LedgerStores {
  readonly vault: LedgerVault;
  readonly state: LedgerState;
}

/** The mutable copy of the newest sealed checkpoint, for readers that do not know `head`. */
export const PUBLISHED_KEY = 'ledger/checkpoint';
export const CHECKPOINT_PREFIX = 'ledger/checkpoints/';

export const checkpointKey = (size: number): string => makeKey('checkpoint', { size });

/** Size in the key of a sealed checkpoint; null for any other key. */
export function parseCheckpointKey(text: string): number | null {
  const key = parseKey(text);
  return key?.class === 'checkpoint' ? key.size : null;
}

export const stagingKey = (size: number, root: Hash): string =>
  makeKey('staging', { size, root: toHex(root) });

/** Size in the key of a staging bundle; null for any other key. */
export function parseStagingKey(text: string): number | null {
  const key = parseKey(text);
  return key?.class === 'staging' ? key.size : null;
}

export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof AkashiError && error.code === code;

/** The object, or null when nothing is stored under the key. */
export async function getIfPresent(
  store: Pick<VaultStore, 'get'>,
  key: string,
): Promise<StoredObject | null> {
  try {
    return await store.get(key);
  } catch (error) {
    if (hasCode(error, 'STORE_MISSING')) return null;
    throw error;
  }
}
