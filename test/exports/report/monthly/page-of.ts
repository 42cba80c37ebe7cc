/** A monthly report's page without a lake: the places that its numbers lead to are there, empty. */

import type { Page } from '../../../../exports/page/page.ts';
import type { MonthlyData } from '../../../../exports/report/monthly/data.ts';
import { monthlyContent } from '../../../../exports/report/monthly/monthly.ts';

export function pageOfMonth(data: MonthlyData): Page {
  const { eyebrow, title, subtitle, facts, sections } = monthlyContent(data);
  const places = new Set([...Object.values(data.origins), ...data.watch.map(({ origin }) => origin)]);
  return {
    lang: 'en',
    eyebrow,
    title,
    subtitle,
    at: data.instant,
    facts,
    sections: [
      ...sections,
      {
        id: 'where-from',
        title: 'Where the numbers come from',
        blocks: [
          {
            kind: 'table',
            columns: [{ title: 'Question' }],
            rows: [...places].map((id) => ({ id, cells: [id] })),
          },
        ],
      },
    ],
    foot: 'Sample',
  };
}
