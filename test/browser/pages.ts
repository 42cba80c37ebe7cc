/** Every page that is looked at in a browser. A new kind of page is one line here. */

import { renderHtml } from '../../exports/page/html.ts';
import { pageSaying } from '../exports/page/any-page.ts';
import { HOSTILE, SAMPLE_PAGE } from '../exports/page/sample-page.ts';
import { pageOfMonth } from '../exports/report/monthly/page-of.ts';
import { SAMPLE_MONTH } from '../exports/report/monthly/sample-data.ts';
import type { PageUse } from './look.ts';
import { TIMELINE_PAGES } from './timeline-pages.ts';

export interface PageUnderTest {
  readonly name: string;
  /** The whole file. */
  html(): string | Promise<string>;
  /** Texts that must be found in what the page shows. */
  readonly shows: readonly string[];
  /** Looked at on a wide light window and a narrow dark one alone, not on all four. */
  readonly few?: true;
  /** Only of pages with a script of their own. */
  readonly use?: PageUse;
}

export const PAGES: readonly PageUnderTest[] = [
  {
    name: 'sample',
    html: () => renderHtml(SAMPLE_PAGE),
    shows: [
      'September 2026',
      '20,114,503',
      'Where the numbers come from',
      '田中 花子',
      'cut; 9,000 characters',
    ],
  },
  {
    name: 'monthly',
    html: () => renderHtml(pageOfMonth(SAMPLE_MONTH)),
    shows: ['What stands out', 'Events per day and source', '1,092,000', 'Watch list', 'k8s.audit'],
  },
  ...HOSTILE.map((text, at) => ({
    name: `hostile-${at}`,
    html: () => renderHtml(pageSaying(text)),
    shows: [],
    few: true as const,
  })),
  ...TIMELINE_PAGES,
];
