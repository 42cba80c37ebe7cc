/** The time a report is about. */

import { AkashiError } from '../../schema/error.ts';

/** `to` is exclusive. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** Throws PERIOD_INVALID unless it ends after it begins. */
export function periodOf(from: Date, to: Date): Period {
  if (from.getTime() < to.getTime()) return { from, to };
  throw new AkashiError(
    'PERIOD_INVALID',
    `The period ends at ${to.toISOString()} and begins at ${from.toISOString()}; it must end after it begins.`,
  );
}

/** All of a month given as `2026-09`. Throws PERIOD_INVALID for anything else. */
export function monthPeriod(text: string): Period {
  const from = new Date(/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text) ? `${text}-01T00:00:00Z` : Number.NaN);
  if (Number.isNaN(from.getTime()))
    throw new AkashiError('PERIOD_INVALID', `"${text}" is no month. Write it like 2026-09.`);
  return { from, to: new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1)) };
}

/** `2026-09-01T00:00:00.000Z` as `2026-09-01`, or with its time where it is not midnight. */
export const shortInstant = (at: Date): string =>
  at.toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z');

/** `2026-09-01 to 2026-10-01 (not included)`. */
export const periodText = ({ from, to }: Period): string =>
  `${shortInstant(from)} to ${shortInstant(to)} (not included)`;

/** The same length just before it; calendar months before a period of whole calendar months. */
export function periodBefore({ from, to }: Period): Period {
  if (!isMonthStart(from) || !isMonthStart(to))
    return { from: new Date(2 * from.getTime() - to.getTime()), to: from };
  const months = 12 * (to.getUTCFullYear() - from.getUTCFullYear()) + to.getUTCMonth() - from.getUTCMonth();
  return { from: new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() - months, 1)), to: from };
}

const isMonthStart = (at: Date): boolean =>
  at.getTime() === Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
