/** UTC hours counted from 1970, and times in microseconds. */

export const HOUR_MICROS = 3_600e6;
export const MINUTE_MICROS = 60e6;
export const DAY_HOURS = 24;
export const WEEK_HOURS = 168;

/** The hour a time lies in. */
export const hourOf = (micros: number): number => Math.floor(micros / HOUR_MICROS);
/** When an hour begins. */
export const startOf = (hour: number): number => hour * HOUR_MICROS;
/** The first whole hour at or after a time. */
export const hourAfter = (micros: number): number => Math.ceil(micros / HOUR_MICROS);
/** The UTC day of an hour, counted from 1970. */
export const dayOf = (hour: number): number => Math.floor(hour / DAY_HOURS);
