/** Charts over the days of a period. */

import type { Block, ChartUnit, Series, Tone } from '../../page/page.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { byDay, splitByDay } from './split.ts';
import { besides, besideText, dayLabel, daysOf, periodName, sum } from './words.ts';

interface Daily<T> {
  readonly title: string;
  /** Ends without a full stop: what it is compared with follows. */
  readonly description: string;
  readonly valueTitle: string;
  readonly unit: ChartUnit;
  readonly to: string;
  readonly rows: readonly T[];
  readonly of: (row: T) => number;
  readonly tone?: Tone;
}

/** One bar a day, beside that of the same day of the time before; a sentence where there is nothing in either. */
export function besideDays<T extends { readonly day: string }>(data: MonthlyData, daily: Daily<T>): Block {
  const { title, description, valueTitle, unit, to, rows, of, tone } = daily;
  const earlier = earlierOf(data);
  if (sum(rows, of) === 0) return { kind: 'text', text: [{ text: title, to }, { text: ': none.' }] };
  const { now, before } = splitByDay(rows, data.period);
  const days = daysOf(data.period);
  const then = byDay(before, daysOf(data.before), data.instant, of);
  const own: Series = {
    name: periodName(data.period),
    values: byDay(now, days, data.instant, of),
    ...(tone === undefined ? {} : { tone }),
  };
  return {
    kind: 'chart',
    form: 'bar',
    title,
    description: `${description}${besideText(earlier)}.`,
    ...dayAxis(days),
    valueTitle,
    unit,
    to,
    series: besides(
      earlier,
      days.map((_, at) => then[at] ?? null),
      own,
    ),
  };
}

export const dayAxis = (days: readonly string[]) => ({
  labels: days.map(dayLabel),
  labelTitle: 'Day (UTC)',
});
