/** Numbers as pages show them. */

import type { ChartUnit } from './page.ts';

const STEPS: Readonly<Record<Exclude<ChartUnit, 'percent'>, readonly string[]>> = {
  count: ['', ' k', ' M', ' G', ' T'],
  bytes: [' B', ' kB', ' MB', ' GB', ' TB', ' PB'],
};

/** Short, for axes and bars: `1.2 M`, `340 kB`, `12 %`; powers of 1,000. */
export function shortNumber(value: number, unit: ChartUnit): string {
  if (unit === 'percent') return `${rounded(value)} %`;
  const steps = STEPS[unit];
  let rest = value;
  let at = 0;
  while (Math.abs(rest) >= 999.5 && at < steps.length - 1) {
    rest /= 1000;
    at++;
  }
  return `${rounded(rest)}${steps[at]}`;
}

/** Whole, for tables: `1,234,567`; bytes with their short form are for the caller to say. */
export const wholeNumberText = (value: number): string => value.toLocaleString('en-US');

/** At most three digits that count. */
const rounded = (value: number): string =>
  String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)));
