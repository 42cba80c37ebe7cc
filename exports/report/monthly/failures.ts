/** Signing in, and what failed. */

import type { Section } from '../../page/page.ts';
import { besideDays, dayAxis } from './daily.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { byDay, splitByDay } from './split.ts';
import { changeShort, counted, daysOf, several, sum } from './words.ts';

export function failuresSection(data: MonthlyData): Section {
  const { now } = splitByDay(data.activity, data.period);
  const days = daysOf(data.period);
  const earlier = earlierOf(data);
  const to = data.origins.activity;
  const succeeded = sum(now, ({ signIns }) => signIns);
  const failed = sum(now, ({ failedSignIns }) => failedSignIns);
  return {
    id: 'failures',
    title: 'Sign-ins and failures',
    blocks: [
      succeeded + failed === 0
        ? { kind: 'text', text: [{ text: 'Sign-ins', to }, { text: ': none.' }] }
        : {
            kind: 'chart',
            form: 'stacked',
            title: 'Sign-ins per day',
            description: `${several(succeeded, 'sign-in')} succeeded and ${counted(failed)} failed.`,
            ...dayAxis(days),
            valueTitle: 'Sign-ins',
            unit: 'count',
            to,
            series: [
              {
                name: 'succeeded',
                values: byDay(now, days, data.instant, ({ signIns }) => signIns),
                tone: 'good',
              },
              {
                name: 'failed',
                values: byDay(now, days, data.instant, ({ failedSignIns }) => failedSignIns),
                tone: 'bad',
              },
            ],
          },
      besideDays(data, {
        title: 'Failures per day',
        description: 'Requests of any kind that ended in failure',
        valueTitle: 'Failures',
        unit: 'count',
        to,
        rows: data.activity,
        of: ({ failures }) => failures,
        tone: 'bad',
      }),
      {
        kind: 'table',
        caption: 'Commonest failures',
        columns: [
          { title: 'Action', mono: true, width: 1.5 },
          { title: 'Error', mono: true, width: 1.5 },
          { title: 'Source', mono: true },
          { title: 'Failures', align: 'right' },
          { title: earlier.name, align: 'right' },
          { title: 'Change', align: 'right' },
          { title: 'Actors', align: 'right' },
        ],
        rows: data.failures.map((row) => ({
          cells: [
            row.action,
            row.errorCode,
            row.source,
            [{ text: counted(row.failures), to: data.origins.failures }],
            counted(row.failuresBefore),
            changeShort(row.failures, row.failuresBefore, earlier),
            counted(row.actors),
          ],
        })),
        empty: 'Nothing failed.',
      },
    ],
  };
}
