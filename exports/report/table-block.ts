/** An answer as a table of a page, its numbers with a link to where they come from. */

import type { Inline, Table, TableColumn, TableRow, Tone } from '../page/page.ts';
import { isoText } from './cell-text.ts';
import type { Answer } from './context.ts';

/** Rows of an answer that a page shows; all of them are in `report.json`. */
export const MOST_ROWS = 40;

/** `tone` marks a row. */
export function answerTable(
  { columns, rows, origin, cut }: Answer,
  caption: string,
  tone: (row: Answer['rows'][number]) => Tone | null = () => null,
): Table {
  const numeric = columns.map((name) => rows.some((row) => typeof row[name] === 'number'));
  const more = rows.length > MOST_ROWS || cut;
  const shown = rows.slice(0, MOST_ROWS);
  return {
    kind: 'table',
    caption: more
      ? `${caption} (the first ${shown.length} of ${cut ? 'more than ' : ''}${rows.length.toLocaleString('en-US')} rows)`
      : caption,
    columns: columns.map(
      (name, at): TableColumn => ({
        title: name.replaceAll('_', ' '),
        ...(numeric[at] ? { align: 'right' } : {}),
      }),
    ),
    rows: shown.map((row): TableRow => {
      const mark = tone(row);
      return {
        cells: columns.map((name): Inline => {
          const value = row[name] ?? null;
          return typeof value === 'number'
            ? [{ text: value.toLocaleString('en-US'), to: origin.id }]
            : isoText(value);
        }),
        ...(mark === null ? {} : { tone: mark }),
      };
    }),
    empty: 'No rows.',
  };
}
