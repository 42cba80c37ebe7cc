/** Turns what the file system answers into errors a person can act on. */

import { AkashiError } from '../schema/error.ts';

/** The `code` of a Node system error, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Nothing is there: the name, or a folder on the way to it, does not exist. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');

/** Only what others took the place of is ever removed from a vault. */
export const notReplaceable = (key: string): AkashiError =>
  new AkashiError('VAULT_LOCKED', `"${key}" is no data file and no list of them: it stays.`);

/** Foreign errors become ours here; an AkashiError passes unchanged. `what` reads like `writing <path>`. */
export function storeError(error: unknown, what: string): AkashiError {
  if (error instanceof AkashiError) return error;
  const code = errnoOf(error);
  const options = { cause: error };
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AkashiError(
        'STORE_DENIED',
        `Permission denied while ${what} (${code}). The user who runs this must own the lake's folders; ` +
          'run as their owner or correct the permissions.',
        options,
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new AkashiError(
        'STORE_FULL',
        `No room left while ${what} (${code}). Nothing was lost: free some space and run the command again.`,
        options,
      );
    case 'EMFILE':
    case 'ENFILE':
      return new AkashiError(
        'STORE_FAILED',
        `Too many open files while ${what} (${code}). Raise the limit (ulimit -n) and run the command again.`,
        options,
      );
    default: {
      const detail = error instanceof Error ? error.message : String(error);
      return new AkashiError('STORE_FAILED', `Failed while ${what}: ${detail}`, options);
    }
  }
}

export const missing = (key: string, store: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'STORE_MISSING',
    `"${key}" is not in ${store}. It was never stored, or it was removed from outside; ` +
      '`akashi verify` tells which.',
    cause === undefined ? undefined : { cause },
  );

export const conflict = (key: string, store: string): AkashiError =>
  new AkashiError(
    'STORE_CONFLICT',
    `"${key}" in ${store} already holds other bytes. A write-once key is never overwritten; ` +
      'run `akashi verify` to see whether the stored object was altered.',
  );

export const changed = (key: string, store: string, expected: string | null, found: string | null) =>
  new AkashiError(
    'STORE_CHANGED',
    `"${key}" in ${store} is at version ${found ?? '(none)'}, not ${expected ?? '(none)'}: ` +
      'another writer was first. Read it again and repeat the change on what it holds now.',
  );

export const emptyBody = (key: string): AkashiError =>
  new AkashiError(
    'STORE_EMPTY_BODY',
    `An empty body was given for "${key}". Only evidence may be empty; the writer of this key has a fault.`,
  );

export const bodyChanged = (path: string, key: string): AkashiError =>
  new AkashiError(
    'STORE_BODY_CHANGED',
    `"${path}" changed while it was being stored as "${key}": its bytes no longer have the size and hash read ` +
      'before. Nothing was stored; collect it again once nobody writes to it.',
  );

/** Throws STORE_RANGE unless 0 ≤ start < end ≤ size. */
export function checkRange(key: string, start: number, end: number, size: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end && end <= size)
    return;
  throw new AkashiError(
    'STORE_RANGE',
    `Bytes ${start} to ${end} of "${key}" were asked for, but it has ${size}. ` +
      'A range must start at 0 or later, hold at least one byte, and end within the object.',
  );
}
