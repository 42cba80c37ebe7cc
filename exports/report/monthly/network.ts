/** Traffic, and who sent a lot of it. */

import type { Section } from '../../page/page.ts';
import { besideDays } from './daily.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { splitByDay } from './split.ts';
import { counted, several, sized, sum, timeText } from './words.ts';

const MOST_TRANSFERS = 20;

export function networkSection(data: MonthlyData): Section {
  const { now } = splitByDay(data.traffic, data.period);
  const { transfers, transfersCut, transfersBefore, largeFrom, origins } = data;
  const earlier = earlierOf(data);
  const pairs = `${transfersCut ? 'More than ' : ''}${several(transfers.length, 'pair')}`;
  const then = [
    { text: ', ' },
    { text: counted(transfersBefore), to: origins.transfersBefore },
    { text: ` in ${earlier.name}` },
  ];
  return {
    id: 'network',
    title: 'Network and large transfers',
    blocks: [
      besideDays(data, {
        title: 'Bytes sent per day',
        description: `${sized(sum(now, ({ sentBytes }) => sentBytes))} in ${several(
          sum(now, ({ flowRecords }) => flowRecords),
          'flow record',
        )}, ${counted(sum(now, ({ rejected }) => rejected))} of them rejected`,
        valueTitle: 'Bytes sent',
        unit: 'bytes',
        to: origins.traffic,
        rows: data.traffic,
        of: ({ sentBytes }) => sentBytes,
      }),
      {
        kind: 'text',
        text: [
          { text: pairs, to: origins.transfers },
          { text: ` of addresses exchanged at least ${sized(largeFrom)} at one port` },
          ...(earlier.known ? then : []),
          { text: '.' },
        ],
      },
      {
        kind: 'table',
        caption:
          transfers.length > MOST_TRANSFERS ? `The ${MOST_TRANSFERS} largest transfers` : 'Large transfers',
        columns: [
          { title: 'From', mono: true },
          { title: 'To', mono: true },
          { title: 'Port', align: 'right' },
          { title: 'Sent', align: 'right' },
          { title: 'Bytes', align: 'right' },
          { title: 'Flow records', align: 'right' },
          { title: 'First seen (UTC)' },
        ],
        rows: transfers.slice(0, MOST_TRANSFERS).map((row) => ({
          cells: [
            row.from,
            row.to,
            row.port,
            [{ text: sized(row.sentBytes), to: origins.transfers }],
            counted(row.sentBytes),
            counted(row.flowRecords),
            timeText(row.firstSeen),
          ],
        })),
        empty: `Nobody sent ${sized(largeFrom)} to one address and port.`,
      },
    ],
  };
}
