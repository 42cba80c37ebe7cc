/** Every form a timeline can be given out in, as pieces of text. */

import { timelineHtml } from '../exports/timeline/html.ts';
import { timelineJson } from '../exports/timeline/json.ts';
import type { TimelineData } from '../exports/timeline/model.ts';
import { timesketchCsv, timesketchLines } from '../exports/timeline/timesketch.ts';
import { summaryText } from './timeline-summary.ts';
import { timelineText } from './timeline-text.ts';

export interface FormatOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly unfolded: boolean;
  readonly summaryOnly: boolean;
  /** The case, for a heading. */
  readonly title: string | null;
}

export const TIMELINE_FORMATS = {
  terminal: asText,
  html: (data: TimelineData, { title }: FormatOptions) => timelineHtml(data, title),
  csv: timesketchCsv,
  jsonl: timesketchLines,
  json: timelineJson,
} as const satisfies Record<string, (data: TimelineData, options: FormatOptions) => Iterable<string>>;

function* asText(data: TimelineData, { width, unfolded, summaryOnly }: FormatOptions): Generator<string> {
  if (data.lines.length === 0) {
    yield 'nothing in this lake fits: no event, no flow, and no gap\n';
    return;
  }
  if (!summaryOnly) {
    for (const line of timelineText(data, width, unfolded)) yield `${line}\n`;
    yield '\n';
  }
  yield `${summaryText(data, width).join('\n')}\n`;
}
