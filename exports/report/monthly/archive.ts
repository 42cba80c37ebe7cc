/** How much is kept, and how it grew. */

import type { Section } from '../../page/page.ts';
import { besideDays } from './daily.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { splitByDay } from './split.ts';
import { changeText, counted, periodName, several, sized, sum, timeText } from './words.ts';

export function archiveSection(data: MonthlyData): Section {
  const { archive, growth, origins } = data;
  const { now, before } = splitByDay(growth, data.period);
  const received = sum(now, ({ bytes }) => bytes);
  const earlier = { name: earlierOf(data).name, known: true };
  const change = changeText(
    received,
    sum(before, ({ bytes }) => bytes),
    earlier,
  );
  return {
    id: 'archive',
    title: 'Archive',
    blocks: [
      {
        kind: 'text',
        text: [
          { text: sized(sum(archive, ({ bytes }) => bytes)), to: origins.archive },
          {
            text: ` are kept in ${several(
              sum(archive, ({ bodies }) => bodies),
              'file',
            )} as received; `,
          },
          { text: sized(received), to: origins.growth },
          {
            text: ` with ${several(
              sum(now, ({ records }) => records),
              'record',
            )} of it came in ${periodName(data.period)}: ${change}. Tables and ledger are not counted.`,
          },
        ],
      },
      besideDays(data, {
        title: 'Bytes received per day',
        description: 'By the day they came, whatever day their records are of',
        valueTitle: 'Bytes received',
        unit: 'bytes',
        to: origins.growth,
        rows: growth,
        of: ({ bytes }) => bytes,
      }),
      {
        kind: 'table',
        caption: `The archive at ${timeText(data.instant)} UTC`,
        columns: [
          { title: 'Source', mono: true },
          { title: 'What' },
          { title: 'Files', align: 'right' },
          { title: 'As received', align: 'right' },
          { title: 'Expanded', align: 'right' },
          { title: 'Records', align: 'right' },
          { title: 'Per record', align: 'right' },
        ],
        rows: archive.map(({ source, role, bodies, bytes, expandedBytes, records }) => ({
          cells: [
            source,
            role,
            counted(bodies),
            [{ text: sized(bytes), to: origins.archive }],
            sized(expandedBytes),
            counted(records),
            records === 0 ? '' : sized(bytes / records),
          ],
        })),
        empty: 'Nothing is kept.',
      },
    ],
  };
}
