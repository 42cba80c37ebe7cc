/** What a key may look like, in any store: the least that local file systems, S3 and URLs all take unchanged. */

import { AkashiError } from '../schema/error.ts';

// Lower case only: on a file system that ignores case two keys can then never be one file. No segment starts with a
// dot (`..`, and the stores' own folders) or ends with one (Windows drops it).
const SEGMENT = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?$/;
const PREFIX = /^(?:[a-z0-9_][a-z0-9._-]*\/)*(?:[a-z0-9_][a-z0-9._-]*)?$/;
/** Longest name on ext4, XFS, APFS and NTFS alike. */
const MAX_SEGMENT_BYTES = 255;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

/** Whether a store takes this key. */
export const isKey = (key: string): boolean =>
  key.length <= MAX_KEY_BYTES &&
  key.split('/').every((segment) => segment.length <= MAX_SEGMENT_BYTES && SEGMENT.test(segment));

/** Throws STORE_BAD_KEY unless a store takes this key. */
export function checkKey(key: string): void {
  if (isKey(key)) return;
  throw badKey(key, 'Keys are made by vault/keys.ts');
}

/** Throws STORE_BAD_KEY unless some key could start with `prefix`. */
export function checkPrefix(prefix: string): void {
  if (prefix.length <= MAX_KEY_BYTES && PREFIX.test(prefix)) return;
  throw badKey(prefix, 'A prefix is the beginning of a key, or empty for all');
}

const badKey = (key: string, wayOut: string) =>
  new AkashiError(
    'STORE_BAD_KEY',
    `${JSON.stringify(key.slice(0, 200))} is no key: a key is segments of a-z, 0-9, ".", "_" and "-" parted by "/", ` +
      `none starting or ending with a dot, at most ${MAX_KEY_BYTES} characters in all. ${wayOut}.`,
  );
