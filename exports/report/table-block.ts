/** An answer as a table of a page, its numbers with a link to where they come from. */

import type { Cell } from '../../engine/result.ts';
import type { Inline, Table, TableColumn, TableRow, Tone } from '../page/page.ts';
import { isoText } from './cell-text.ts';
import type { Answer } from './context.ts';

/** Rows of an answer that a page shows; all of them are in `report.json`. */
export const MOST_ROWS = 40;

/** Characters that a column's width counts at the least and at the most. */
const LEAST_CELL = 5;
const LONGEST_CELL = 20;

const cellText = (value: Cell): string =>
  typeof value === 'number' ? value.toLocaleString('en-US') : isoText(value);

/** `tone` marks a row. */
export function answerTable(
  { columns, rows, origin, cut }: Answer,
  caption: string,
  tone: (row: Answer['rows'][number]) => Tone | null = () => null,
): Table {
  const numeric = columns.map((name) => rows.some((row) => typeof row[name] === 'number'));
  const more = rows.length > MOST_ROWS || cut;
  const shown = rows.slice(0, MOST_ROWS);
  const width = (name: string): number => {
    const cells = shown.map((row) => cellText(row[name] ?? null).length);
    // Bold, and with room beside it.
    const words = name.split('_').map((word) => 1.7 * word.length + 1);
    return Math.min(LONGEST_CELL, Math.max(LEAST_CELL, ...words, ...cells)) / LEAST_CELL;
  };
  return {
    kind: 'table',
    caption: more
      ? `${caption} (the first ${shown.length} of ${cut ? 'more than ' : ''}${rows.length.toLocaleString('en-US')} rows)`
      : caption,
    columns: columns.map(
      (name, at): TableColumn => ({
        title: name.replaceAll('_', ' '),
        width: width(name),
        ...(numeric[at] ? { align: 'right' } : {}),
      }),
    ),
    rows: shown.map((row): TableRow => {
      const mark = tone(row);
      return {
        cells: columns.map((name): Inline => {
          const value = row[name] ?? null;
          return typeof value === 'number' ? [{ text: cellText(value), to: origin.id }] : cellText(value);
        }),
        ...(mark === null ? {} : { tone: mark }),
      };
    }),
    empty: 'No rows.',
  };
}
