/** Paths as URIs, for engines that open files by them. */

import { resolve } from 'node:path';

/**
 * A path as URI. Engines disagree on whether `%20` in metadata is a space, so nothing is escaped; null for a path that
 * would need it.
 */
export function fileUri(path: string): string | null {
  const full = resolve(path);
  return /[?#%\u0000-\u001f\u007f]/.test(full) ? null : `file://${full}`;
}
