/** Rows of both times, each day in its own. */

import type { Period } from '../period.ts';
import { daysOf } from './words.ts';

export interface Split<T> {
  readonly now: readonly T[];
  readonly before: readonly T[];
}

/** By days as text, whose order is that of time. */
export function splitByDay<T extends { readonly day: string }>(rows: readonly T[], period: Period): Split<T> {
  const first = daysOf(period)[0]!;
  return { now: rows.filter(({ day }) => day >= first), before: rows.filter(({ day }) => day < first) };
}

/**
 * A value for each day; null for days after `instant`, of which nothing can be known yet. Days without rows have 0: whether that
 * is silence or a gap, coverage says.
 */
export function byDay<T extends { readonly day: string }>(
  rows: readonly T[],
  days: readonly string[],
  instant: string,
  of: (row: T) => number,
): (number | null)[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.day, (sums.get(row.day) ?? 0) + of(row));
  return days.map((day) => sums.get(day) ?? (day > instant.slice(0, 10) ? null : 0));
}

/** Sums by a name, the largest first, then by name. */
export function byName<T>(
  rows: readonly T[],
  name: (row: T) => string,
  of: (row: T) => number,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(name(row), (sums.get(name(row)) ?? 0) + of(row));
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
