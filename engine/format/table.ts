/** Answers for people: a table that fits the terminal, or one block per row where a table cannot fit. */

import type { QuerySummary } from '../query.ts';
import { type Batch, type Cell, isNumeric, type ResultColumn } from '../result.ts';
import { footer } from './footer.ts';
import type { Renderer, RenderOptions } from './renderer.ts';
import { visible } from './visible.ts';
import { cutToWidth, textWidth, unitsWithin } from './width.ts';

/** Rows looked at before widths are settled; later ones are cut to fit. */
const SAMPLE_ROWS = 500;
const GAP = '  ';
/** A column narrower than this says too little; rather show rows as blocks. */
const LEAST_WIDTH = 8;
/** Digits of an AWS account id: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html */
const ACCOUNT_WIDTH = 12;
/** Of one value in a block. */
const MOST_LINES = 12;
/** Of one value, before it is cut to its place; more than fit the widest terminal. */
const MOST_CHARACTERS = 16_384;

export function tableRenderer({ width }: RenderOptions): Renderer {
  let columns: readonly ResultColumn[] = [];
  let waiting: (readonly Cell[])[] | null = [];
  let write: (row: readonly Cell[]) => string = () => '';
  let count = 0;

  const settle = (): string => {
    const sample = waiting ?? [];
    waiting = null;
    const widths = columnWidths(columns, sample, width);
    write = widths === null ? blockWriter(columns, width) : lineWriter(columns, widths);
    return (widths === null ? '' : heading(columns, widths)) + sample.map(write).join('');
  };
  return {
    begin(given) {
      columns = given;
      return '';
    },
    rows(batch: Batch) {
      count += batch.length;
      if (waiting === null) return batch.map(write).join('');
      for (const row of batch) waiting.push(row);
      return waiting.length < SAMPLE_ROWS ? '' : settle();
    },
    end(summary: QuerySummary) {
      const rest = waiting === null ? '' : settle();
      return `${rest}${count === 0 ? '' : '\n'}${footer(summary)}\n`;
    },
  };
}

/** A cell on one line, or the beginning of it when it is far longer than anything shown. */
function cellText(cell: Cell | undefined, { type }: ResultColumn): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  if (type.startsWith('TIMESTAMP')) return text.replace(/\.0+(?=Z?$)/, '');
  return visible(text.slice(0, MOST_CHARACTERS));
}

/** Widths that fit, the widest columns giving way first; null when there are too many columns for a table. */
function columnWidths(
  columns: readonly ResultColumn[],
  sample: Batch,
  width: number,
): readonly number[] | null {
  const wanted = columns.map((column, index) =>
    // No cell needs more than the whole line, so long ones are measured only that far.
    sample.reduce(
      (most, row) => Math.max(most, textWidth(cellText(row[index], column).slice(0, width))),
      textWidth(visible(column.name)),
    ),
  );
  const room = width - GAP.length * (columns.length - 1);
  // Half an instant, number or address misleads; text cut short does not.
  const cut = wanted.map((own, index) => {
    const column = columns[index]!;
    return isWhole(column) ? own : Math.min(own, isAccount(column) ? ACCOUNT_WIDTH : LEAST_WIDTH);
  });
  if (sum(cut) > room) return null;
  // Other texts give way to the action, whose last word tells stop from start: whole if they can.
  const kept = cut.map((own, index) => (columns[index]!.name === 'action' ? wanted[index]! : own));
  const least = sum(kept) > room ? cut : kept;
  // The limit that all columns share is the largest at which they fit.
  let limit = Math.max(LEAST_WIDTH, ...wanted);
  const limited = () => wanted.map((own, index) => Math.max(least[index]!, Math.min(own, limit)));
  while (sum(limited()) > room) limit--;
  return limited();
}

const isWhole = ({ name, type }: ResultColumn): boolean =>
  isNumeric(type) || /^(?:TIMESTAMP|DATE|TIME)/.test(type) || /(?:^|_)ip$/.test(name);

/** An account's number says nothing when it is cut; longer ids of other clouds give way. */
const isAccount = ({ name }: ResultColumn): boolean => /(?:^|_)account(?:_id)?$/.test(name);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const heading = (columns: readonly ResultColumn[], widths: readonly number[]): string => {
  const names = columns.map(({ name, type }, index) =>
    padded(visible(name), widths[index]!, isNumeric(type)),
  );
  const rules = widths.map((width) => '─'.repeat(width));
  return `${names.join(GAP).trimEnd()}\n${rules.join(GAP)}\n`;
};

const lineWriter =
  (columns: readonly ResultColumn[], widths: readonly number[]) =>
  (row: readonly Cell[]): string => {
    const cells = columns.map((column, index) =>
      padded(cellText(row[index], column), widths[index]!, isNumeric(column.type)),
    );
    return `${cells.join(GAP).trimEnd()}\n`;
  };

function padded(text: string, width: number, right: boolean): string {
  const cut = cutToWidth(text, width);
  const padding = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return right ? padding + cut : cut + padding;
}

/** `name  value` lines, values folded under themselves, columns without a value left out. */
function blockWriter(columns: readonly ResultColumn[], width: number): (row: readonly Cell[]) => string {
  const names = columns.map(({ name }) => cutToWidth(visible(name), Math.floor(width / 3)));
  const indent = Math.max(0, ...names.map(textWidth)) + GAP.length;
  const room = Math.max(10, width - indent);
  let number = 0;
  return (row) => {
    number++;
    const lines = names.flatMap((name, index) => {
      if ((row[index] ?? null) === null) return [];
      const [first = '', ...others] = fold(cellText(row[index], columns[index]!), room);
      return [padded(name, indent, false) + first, ...others.map((line) => ' '.repeat(indent) + line)];
    });
    const title = `── row ${number} `;
    return `${title}${'─'.repeat(Math.max(0, Math.min(width, 60) - title.length))}\n${lines.join('\n')}\n`;
  };
}

/** The text in lines of at most `width` columns, the last of too many ending in `…`. */
function fold(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length < MOST_LINES - 1) {
    const units = unitsWithin(rest, width);
    if (units === rest.length) break;
    lines.push(rest.slice(0, units));
    rest = rest.slice(units);
  }
  return [...lines, cutToWidth(rest, width)];
}
