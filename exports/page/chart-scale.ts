/** The scale of a chart's values: round steps from 0 to above the largest. */

import type { ChartUnit, Series } from './page.ts';

const MOST_STEPS = 5;

export interface Scale {
  readonly ticks: readonly number[];
  /** How long a value's bar is. */
  length(value: number): number;
}

/** Steps of 1, 2 or 5 times a power of ten; no part of one where things are counted. */
export function scaleOf(values: readonly number[], unit: ChartUnit, pixels: number): Scale {
  const largest = Math.max(unit === 'percent' ? 1 : 0, ...values.filter(Number.isFinite));
  const rough = largest / MOST_STEPS;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, Number.MIN_VALUE)));
  const nice = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? 1;
  const step = largest <= 0 ? 1 : Math.max(nice, unit === 'percent' ? 0.1 : 1);
  const count = Math.max(1, Math.ceil(largest / step - 1e-9));
  const top = count * step;
  return {
    ticks: Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12))),
    length: (value) => (Number.isFinite(value) ? (Math.max(0, Math.min(value, top)) / top) * pixels : 0),
  };
}

/** Places of which no series knows a value. */
export const nullSpans = (places: number, series: readonly Series[]): number[] =>
  Array.from({ length: places }, (_, at) => at).filter((at) =>
    series.every(({ values }) => typeof values[at] !== 'number'),
  );
