/** What every report says of itself: the state it was made from, where its numbers come from, and how to check both. */

import type { Fact, Section } from '../page/page.ts';
import type { ReportContext, ReportState } from './context.ts';
import type { Origin } from './origin.ts';

/** Facts of the cover. */
export const snapshotFacts = ({ head, instant, ledger }: ReportState): readonly Fact[] => [
  { name: 'Snapshot', value: [{ text: head, mono: true }], id: 'snapshot' },
  {
    name: 'As of',
    value: `${instant}, the newest thing that the ledger tells of; nothing later is in this report`,
  },
  {
    name: 'Ledger head',
    value:
      ledger.root === null
        ? 'nothing was ever sealed in this lake'
        : [
            { text: `${ledger.size} entries, root ` },
            { text: ledger.root, mono: true },
            { text: ` of ${ledger.origin}` },
          ],
    id: 'ledger-head',
  },
];

/** Hex digits of a hash that the page shows. */
const SHORT = 16;

/** The last sections of a report. */
export function originSections({ origins, state, period }: ReportContext): Section[] {
  const range = `from ${period.from.toISOString()} until before ${period.to.toISOString()}`;
  return [
    {
      id: 'where-from',
      title: 'Where the numbers come from',
      newSheet: true,
      blocks: [
        {
          kind: 'text',
          text: `Every number leads to one of these rows. All were asked of snapshot ${state.head} of the lake, ${range}, whose ledger has ${state.ledger.size} entries with root ${state.ledger.root ?? 'none'}. Run a command at the same snapshot and it gives the same. Hashes are cut to their first 16 digits here; report.json has the whole, and every statement's SQL.`,
        },
        {
          kind: 'table',
          columns: [
            { title: 'What', width: 3 },
            { title: 'By hand', width: 6, mono: true },
            { title: 'SHA-256 of the SQL', width: 2.4, mono: true },
          ],
          rows: origins.map(({ id, title, command, sqlSha256 }) => ({
            id,
            cells: [title, command, sqlSha256?.slice(0, SHORT) ?? 'no query'],
          })),
          empty: 'This report has no numbers.',
        },
      ],
    },
    {
      id: 'check',
      title: 'How to check this report',
      blocks: [
        {
          kind: 'list',
          items: [
            'sha256sum -c SHA256SUMS says that no file of this folder was changed since it was written.',
            'akashi verify --deep hashes everything stored and compares it with the ledger up to its signed checkpoint; compare the root it prints with the one above.',
            'akashi prove <uid> shows, for an event of a sample, the bytes it came from and the proof that leads to the checkpoint.',
            'Running the same report again at the same snapshot gives files with the same bytes. Who ran it, and when, is in the chain of custody: akashi custody.',
          ],
        },
      ],
    },
  ];
}

/** Where a number on the page leads. */
export const cited = (text: string, { id }: Pick<Origin, 'id'>) => [{ text, to: id }] as const;
