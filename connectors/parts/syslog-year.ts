/** The year that RFC 3164 leaves out. */

import { timeOf } from './time.ts';

const DAY_MICROS = 86_400e6;
/** 29 February comes back after at most 8 years. */
const YEARS_BACK = 8;

/**
 * Microseconds of `month day clock`, UTC, as RFC 3164 names no zone. Without a year it is the latest one in which the
 * time is not later than `modified` plus a day (clocks and zones differ): a line was written before its file was last
 * changed. Null when the day does not exist or `modified` is not known.
 */
export function resolveYear(
  month: number,
  day: number,
  clock: string,
  fraction: string | undefined,
  year: string | undefined,
  modified: number | null,
): number | null {
  const [hour, minute, second] = clock.split(':').map(Number);
  const micros = fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0'));
  const at = (candidate: number): number | null => {
    const whole = timeOf(candidate, month, day, hour!, minute!, second!);
    return whole === null ? null : whole + micros;
  };
  if (year !== undefined) return at(Number(year));
  if (modified === null || !Number.isFinite(modified)) return null;
  const limit = modified + DAY_MICROS;
  const latest = new Date(limit / 1000).getUTCFullYear();
  for (let candidate = latest; candidate > latest - YEARS_BACK - 1; candidate--) {
    const time = at(candidate);
    if (time !== null && time <= limit) return time;
  }
  return null;
}
