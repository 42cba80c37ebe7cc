/** Days and instants as ISO 8601, over DuckDB's whole range, which is wider than that of JavaScript's Date. */

const DAY_SECONDS = 86_400n;
/** What DuckDB stores for infinity: the largest and, but for one, the smallest 64-bit integer. */
const INFINITY = 2n ** 63n - 1n;
const INFINITE_DAYS = 2 ** 31 - 1;

/**
 * `2026-01-31T10:00:00.000001` and `suffix`.
 *
 * @param ticks Since 1970-01-01T00:00:00, of 10^-digits seconds each.
 */
export function isoInstant(ticks: bigint, digits: 0 | 3 | 6 | 9, suffix: string): string {
  if (ticks === INFINITY) return 'infinity';
  if (ticks === -INFINITY) return '-infinity';
  const perSecond = 10n ** BigInt(digits);
  const perDay = perSecond * DAY_SECONDS;
  const inDay = ((ticks % perDay) + perDay) % perDay;
  const seconds = Number(inDay / perSecond);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part)));
  const fraction = digits === 0 ? '' : `.${String(inDay % perSecond).padStart(digits, '0')}`;
  return `${civil(Number((ticks - inDay) / perDay))}T${clock.join(':')}${fraction}${suffix}`;
}

/** `2026-01-31`; years outside 0…9999 with a sign and six or more digits, year 0 being 1 BC. */
export function isoDate(days: number): string {
  if (days === INFINITE_DAYS) return 'infinity';
  if (days === -INFINITE_DAYS) return '-infinity';
  return civil(days);
}

/** Proleptic Gregorian date of a day number, counting years from 1 March so that the leap day comes last. */
function civil(days: number): string {
  const shifted = days + 719_468; // 0000-03-01 is day 0
  const era = Math.floor(shifted / 146_097); // days in 400 years
  const dayOfEra = shifted - era * 146_097;
  const leapless =
    dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor(leapless / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${isoYear(year)}-${two(month)}-${two(day)}`;
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

const two = (number: number): string => String(number).padStart(2, '0');
