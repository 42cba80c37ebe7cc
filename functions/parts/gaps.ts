/** What is missing of the newest days, as one figure for an alarm. */

import { isProblem, lakeCoverage } from '../../stages/lake-coverage.ts';
import type { Stores } from '../../vault/evidence.ts';

const DAYS = 7;
const DAY_MICROS = 86_400e6;

/** Hours of streams in the last seven days in which something expected is missing, or silent that never is. */
export async function gapsIn(stores: Stores, now: number): Promise<number> {
  let hours = 0;
  await lakeCoverage(stores, now, { from: now - DAYS * DAY_MICROS }, (unit) => {
    if (isProblem(unit)) hours += unit.hours;
  });
  return hours;
}
