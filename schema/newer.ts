/**
 * What versions of this program beside each other go by. Whoever reads passes over members that it does not know; what
 * changes the meaning of those it knows, or must not be lost by who passes it over, has a higher format number. Who meets
 * a higher number writes nothing, changes nothing, and says LAKE_NEWER. docs/deploy.md has the order to roll out in.
 */

import { AkashiError } from './error.ts';

export const NEWER = 'LAKE_NEWER';

/** The number of a format that only a newer version reads; null for any other value. */
export const newerFormat = (format: unknown, reads: number): number | null =>
  typeof format === 'number' && Number.isSafeInteger(format) && format > reads ? format : null;

/** In a sentence that begins with its name. */
export const newerText = (format: number, reads: number): string =>
  `has format ${format}, written by a newer version; this one reads up to ${reads}`;

export const newerError = (what: string, format: number, reads: number): AkashiError =>
  new AkashiError(
    NEWER,
    `${what} ${newerText(format, reads)}. Nothing was changed. Update akashi and run the command again.`,
  );
