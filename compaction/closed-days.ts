/** Of which days nothing more is expected, so that their files may be locked. */

import { lakeCoverage } from '../stages/lake-coverage.ts';
import type { Stores } from '../vault/evidence.ts';

const DAY_MICROS = 86_400e6;

/**
 * After so long a day counts as closed although some source's watermark has not passed: a gap that nobody fills, or a
 * source that fell silent, must not keep every later day open.
 */
const GIVEN_UP_MICROS = 3 * DAY_MICROS;

/** Tells of a day, `2026-01-31`, whether the watermarks of all sources have passed it, as of an instant in microseconds. */
export async function closedDays(stores: Stores, now: number): Promise<(day: string) => boolean> {
  const { watermarks } = await lakeCoverage(stores, now, {}, () => {});
  const passed = watermarks.reduce((least, { until }) => Math.min(least, until ?? -Infinity), Infinity);
  return (day) => {
    const end = Date.parse(`${day}T00:00:00Z`) * 1000 + DAY_MICROS;
    return end <= now && (end <= passed || end + GIVEN_UP_MICROS <= now);
  };
}
