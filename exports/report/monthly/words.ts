/** How amounts, days and comparisons are worded. */

import { shortNumber } from '../../page/number-text.ts';
import type { Inline, Series } from '../../page/page.ts';
import type { Period } from '../period.ts';

const DAY_MILLIS = 86_400_000;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export const counted = (value: number): string => value.toLocaleString('en-US');

export const sized = (bytes: number): string => shortNumber(bytes, 'bytes');

/** `1 source`, `3 sources`. */
export const several = (value: number, noun: string): string =>
  `${counted(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `September 2026`, `July 2025 to June 2026`, and `2026-09-01 to 2026-09-15` for what is no whole months. */
export function periodName({ from, to }: Period): string {
  const last = new Date(to.getTime() - 1);
  if (!isMonthStart(from) || !isMonthStart(to)) return `${dayOf(from)} to ${dayOf(last)}`;
  const [first, end] = [monthName(from), monthName(last)];
  return first === end ? first : `${first} to ${end}`;
}

const isMonthStart = (at: Date): boolean => at.getUTCDate() === 1 && at.getTime() % DAY_MILLIS === 0;
const monthName = (at: Date): string => `${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;

/** `2026-09-01`. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** Every day of a period, `2026-09-01` and on. */
export function daysOf({ from, to }: Period): string[] {
  const days: string[] = [];
  const first = Math.floor(from.getTime() / DAY_MILLIS) * DAY_MILLIS;
  for (let at = first; at < to.getTime(); at += DAY_MILLIS) days.push(dayOf(new Date(at)));
  return days;
}

/** `2026-09-01 09:05:00`. */
export const timeText = (instant: string): string => instant.slice(0, 19).replace('T', ' ').replace(/Z$/, '');

/** `1 Sep`. */
export const dayLabel = (day: string): string =>
  `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]!.slice(0, 3)}`;

/** The time that a report is compared with. */
export interface Earlier {
  readonly name: string;
  /** Whether anything at all is held of it; without, there is nothing to compare with. */
  readonly known: boolean;
}

/** `+12 % on August 2026`, `as in August 2026`, `none in August 2026`, `nothing held of August 2026`. */
export function changeText(now: number, before: number, { name, known }: Earlier): string {
  if (!known) return `nothing held of ${name}`;
  if (before === 0) return now === 0 ? `none in ${name} either` : `none in ${name}`;
  const share = (now - before) / before;
  const percent = Math.abs(share) * 100;
  if (percent < 0.5) return `as in ${name}`;
  if (share > 9.995) return `${counted(Math.round(now / before))} times ${name}'s`;
  return `${signed(share, `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`)} on ${name}`;
}

/** Shorter, for tables whose head says what it is compared with. */
export function changeShort(now: number, before: number, { known }: Earlier): Inline {
  if (!known || (now === 0 && before === 0)) return '–';
  if (before === 0) return [{ text: 'new', tone: 'warn' }];
  const share = (now - before) / before;
  if (Math.abs(share) < 0.005) return '±0';
  if (share > 9.995) return `× ${counted(Math.round(now / before))}`;
  return signed(share, `${Math.round(Math.abs(share) * 100)} %`);
}

/** Series of the earlier time and of this one; without the earlier where nothing is held of it. */
export const besides = (
  { name, known }: Earlier,
  before: readonly (number | null)[],
  now: Series,
  order: 'earlier first' | 'earlier last' = 'earlier first',
): Series[] => {
  if (!known) return [now];
  const earlier: Series = { name, values: before, tone: 'quiet' };
  return order === 'earlier first' ? [earlier, now] : [now, earlier];
};

/** `, beside August 2026`, where there is something of it to be seen. */
export const besideText = ({ name, known }: Earlier): string => (known ? `, beside ${name}` : '');

const signed = (value: number, text: string): string => `${value < 0 ? '−' : '+'}${text}`;

export const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((all, row) => all + of(row), 0);
