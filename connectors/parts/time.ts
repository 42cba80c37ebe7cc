/** Times as vendors write them → microseconds since 1970-01-01T00:00:00Z; null for anything that is no time. */

/** Beyond ±2^53 µs (years 1684 … 2255) a JavaScript number is not exact, and no log is from there. */
const MAX_MICROS = Number.MAX_SAFE_INTEGER;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)? ?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;

/** `6/15/2023 8:00:12 AM`, as Azure's portal and older exporters write it: month first. */
const US =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})[ ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)? ?(AM|PM)? ?(?:Z|UTC|\+00:00)?$/i;

/** RFC 2822 and HTTP dates: `Mon, 10 Jul 2023 11:45:00 +0000`. */
const RFC2822 = /^(?:\w{3}, )?(\d{1,2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) ?(GMT|UTC|Z|[+-]\d{4})?$/;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * ISO 8601 / RFC 3339 with any precision and offset (none means UTC), the US form above, or RFC 2822. Digits beyond
 * microseconds are cut, not rounded.
 */
export function parseTime(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const fast = parsePlainIso(value);
  if (fast !== null) return fast;
  const text = value.trim();
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = iso;
    return assemble(+year!, +month!, +day!, +hour, +minute, +second, fraction, offsetMinutes(zone));
  }
  const us = US.exec(text);
  if (us !== null) {
    const [, month, day, year, hour, minute, second = '0', fraction, half] = us;
    return assemble(+year!, +month!, +day!, hour24(+hour!, half), +minute!, +second, fraction, 0);
  }
  const rfc = RFC2822.exec(text);
  if (rfc !== null) {
    const [, day, name, year, hour, minute, second, zone] = rfc;
    const month = MONTHS.indexOf(name!.toLowerCase()) + 1;
    if (month === 0) return null;
    return assemble(+year!, month, +day!, +hour!, +minute!, +second!, undefined, offsetMinutes(zone));
  }
  return null;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude (right from 1973 to 2255). */
export function parseEpoch(value: unknown): number | null {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,20}(\.\d+)?$/.test(value)
        ? Number(value)
        : Number.NaN;
  if (!Number.isFinite(number) || number < 0) return null;
  if (number < 1e11) return safe(Math.round(number * 1e6));
  if (number < 1e14) return safe(Math.round(number * 1e3));
  if (number < 1e17) return safe(Math.round(number));
  return safe(Math.floor(number / 1e3));
}

/** Microseconds of a broken-down UTC time; null when it names no day or hour there is. Second 60 is a leap second. */
export function timeOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null {
  return assemble(year, month, day, hour, minute, second, undefined, 0);
}

/** 1 … 12 for an English month's first three letters, else null. */
export function monthOf(name: string): number | null {
  const index = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  return index < 0 ? null : index + 1;
}

/** `2023-07-10T11:45:00Z`, the form CloudTrail and most others write, without a regular expression. */
function parsePlainIso(text: string): number | null {
  if (text.length !== 20 || text.charCodeAt(19) !== 0x5a || text.charCodeAt(10) !== 0x54) return null;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return null;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return null;
  const year = two(text, 0) * 100 + two(text, 2);
  return assemble(
    year,
    two(text, 5),
    two(text, 8),
    two(text, 11),
    two(text, 14),
    two(text, 17),
    undefined,
    0,
  );
}

/** Two decimal digits at `at`, or NaN. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function assemble(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  fraction: string | undefined,
  offset: number | null,
): number | null {
  if (offset === null) return null;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 24 && minute <= 59 && second <= 60))
    return null;
  if (!(year >= 1000)) return null;
  const days = Date.UTC(year, month - 1, day);
  if (day > 28 && new Date(days).getUTCDate() !== day) return null;
  const seconds = days / 1000 + (hour * 60 + minute - offset) * 60 + second;
  const micros = fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0'));
  return safe(seconds * 1e6 + micros);
}

function safe(micros: number): number | null {
  return Math.abs(micros) <= MAX_MICROS ? micros : null;
}

function hour24(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
}

/** Minutes east of UTC; none means UTC. Null for an offset of a day or more. */
function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  if (minutes >= 24 * 60) return null;
  return zone[0] === '-' ? -minutes : minutes;
}
