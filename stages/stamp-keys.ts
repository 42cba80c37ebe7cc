/** What a time-stamp is made of: a token, what was asked for it, and what was known of revocation. */

import type { DraftOf } from '../ledger/entry.ts';
import { makeKey } from '../vault/keys.ts';

/** `token` is the SHA-256 of the reply. */
export const contextKey = (size: number, token: string): string =>
  makeKey('timestampContext', { size, token });
export const listKey = (sha256: string): string => makeKey('revocationList', { sha256 });

/** Key and SHA-256 of the token, then of what is kept beside it. */
export const stampParts = (entry: DraftOf<'timestamp'>): readonly { key: string; sha256: string }[] => [
  { key: entry.key, sha256: entry.tokenSha256 },
  { key: contextKey(entry.size, entry.tokenSha256), sha256: entry.contextSha256 },
  ...entry.crls.map((sha256) => ({ key: listKey(sha256), sha256 })),
];
