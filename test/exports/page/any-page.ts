/** Pages with a text of anyone in every place that takes one. */

import type { Page } from '../../../exports/page/page.ts';

/** The same shape whatever the text: what differs between two of them can only come from the text. */
export const pageSaying = (text: string): Page => ({
  lang: 'en',
  eyebrow: text,
  title: text,
  subtitle: `.${text}`,
  at: '2026-10-01T00:05:00Z',
  facts: [{ name: text, value: text }],
  sections: [
    {
      id: 'all',
      title: text,
      blocks: [
        {
          kind: 'text',
          text: [{ text }, { text, mono: true }, { text, strong: true, tone: 'bad', to: 'all' }],
        },
        { kind: 'heading', text },
        { kind: 'list', items: [text, [{ text, to: 'row' }]] },
        { kind: 'facts', facts: [{ name: text, value: [{ text, tone: 'good' }], id: 'fact' }] },
        { kind: 'figures', figures: [{ name: text, value: text, change: text, to: 'fact' }] },
        { kind: 'code', text, caption: text },
        { kind: 'note', tone: 'warn', title: text, text },
        {
          kind: 'table',
          caption: text,
          columns: [{ title: text }, { title: text, align: 'right', mono: true }],
          rows: [{ cells: [text, [{ text }]], id: 'row', tone: 'bad' }],
        },
        { kind: 'table', columns: [{ title: text }], rows: [], empty: text },
        ...(['bar', 'stacked', 'horizontal'] as const).map((form) => ({
          kind: 'chart' as const,
          form,
          title: text,
          description: text,
          labels: [text, 'b', 'c'],
          labelTitle: text,
          valueTitle: text,
          unit: 'count' as const,
          series: [
            { name: text, values: [1, null, 3] },
            { name: 'other', values: [2, null, 0] },
          ],
        })),
      ],
    },
  ],
  foot: text,
});
