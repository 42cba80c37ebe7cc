/** What was changed, and what of it deserves a look. */

import type { Section, Table } from '../../page/page.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { besides, besideText, changeShort, counted, type Earlier, periodName } from './words.ts';

/** Bars of the chart; the table has all. */
const BARS = 12;

export function changesSection(data: MonthlyData): Section {
  const earlier = earlierOf(data);
  const to = data.origins.domains;
  const top = data.domains.slice(0, BARS);
  return {
    id: 'changes',
    title: 'Changes',
    blocks: [
      {
        kind: 'chart',
        form: 'horizontal',
        title: 'Changes by domain',
        description: `Requests that could change something, by what they are about${besideText(earlier)}.`,
        labels: top.map(({ domain }) => domain),
        labelTitle: 'Domain',
        valueTitle: 'Changes',
        unit: 'count',
        to,
        series: besides(
          earlier,
          top.map(({ changesBefore }) => changesBefore),
          { name: periodName(data.period), values: top.map(({ changes }) => changes) },
          'earlier last',
        ),
      },
      {
        kind: 'table',
        caption: 'Changes by domain',
        columns: [
          { title: 'Domain', mono: true },
          { title: 'Changes', align: 'right' },
          { title: earlier.name, align: 'right' },
          { title: 'Change', align: 'right' },
          { title: 'Failed', align: 'right' },
          { title: 'Actors', align: 'right' },
        ],
        rows: data.domains.map((row) => ({
          cells: [
            row.domain,
            [{ text: counted(row.changes), to }],
            counted(row.changesBefore),
            changeShort(row.changes, row.changesBefore, earlier),
            counted(row.failures),
            counted(row.actors),
          ],
        })),
        empty: 'Nothing was changed.',
      },
      {
        kind: 'text',
        text: 'The watch list counts events of kinds that are few and matter, whatever the cloud. A count is no finding: it says where to look.',
      },
      watchTable(data.watch, earlier),
    ],
  };
}

const watchTable = (watch: MonthlyData['watch'], earlier: Earlier): Table => ({
  kind: 'table',
  caption: 'Watch list',
  columns: [
    { title: 'Question', width: 2 },
    { title: 'Saved as', mono: true },
    { title: 'Events', align: 'right' },
    { title: earlier.name, align: 'right' },
    { title: 'Change', align: 'right' },
  ],
  rows: watch.map(({ question, title, count, countBefore, origin }) => ({
    ...(earlier.known && count > 0 && countBefore === 0 ? { tone: 'warn' as const } : {}),
    cells: [
      title,
      question,
      [{ text: counted(count), to: origin }],
      counted(countBefore),
      changeShort(count, countBefore, earlier),
    ],
  })),
});
