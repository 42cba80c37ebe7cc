/** The samples on the page: who, what, when, with what result, and the way back to the bytes. */

import type { Section } from '../../page/page.ts';
import { isoText, numberText } from '../cell-text.ts';
import type { SampleFile } from '../kind.ts';
import { SAMPLE_RULE } from '../populations.ts';

/** Hex digits of a hash that the page shows; the files have all of it. */
const SHORT = 12;

export function sampleSections(samples: readonly SampleFile[]): Section[] {
  return [
    {
      id: 'samples',
      title: 'Samples',
      newSheet: true,
      blocks: [
        { kind: 'text', text: SAMPLE_RULE },
        {
          kind: 'text',
          text: 'The files under samples/ hold each event with its whole evidence hash (SHA-256 of the body as received), the place of its record in that body, and the number of the ledger’s entry for that body. Here hashes are cut to their first 12 digits. akashi prove <uid> gives the record’s own bytes and its proof.',
        },
        ...samples.flatMap(({ name, population, rows }) => [
          {
            kind: 'heading',
            text: `${name}: ${numberText(rows.length)} of ${numberText(population)}`,
            id: `sample-${name}`,
          } as const,
          {
            kind: 'table',
            caption: `Whole in samples/${name}.csv and samples/${name}.jsonl`,
            columns: [
              { title: 'Time', width: 2.2 },
              { title: 'Who', width: 2.4 },
              { title: 'What', width: 2.4 },
              { title: 'Result', width: 1.6 },
              { title: 'From', width: 1.8 },
              { title: 'Event (uid)', width: 3, mono: true },
              { title: 'Evidence', width: 2, mono: true },
              { title: 'Entry', align: 'right', width: 1.3 },
            ],
            rows: rows.map((row) => ({
              cells: [
                isoText(row.time),
                isoText(row.actor_name ?? row.actor_id),
                isoText(row.action),
                isoText(row.status),
                isoText(row.src_ip ?? row.src_host),
                isoText(row.uid),
                row.evidence === null ? '–' : String(row.evidence).slice(0, SHORT),
                row.ledger_index === null ? 'none' : numberText(row.ledger_index),
              ],
            })),
          } as const,
        ]),
        ...(samples.length === 0
          ? [
              {
                kind: 'text',
                text: 'No population has an event in the period, so nothing was drawn.',
              } as const,
            ]
          : []),
      ],
    },
  ];
}
