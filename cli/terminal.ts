/** What a terminal shows: colours only where they are wanted, nothing that log content could steer it by. */

import { stripVTControlCharacters, styleText } from 'node:util';
import { visible, visibleJson } from '../engine/format/visible.ts';

export { shellWord } from '../cloud/shell.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Coloured on a terminal, plain elsewhere; NO_COLOR and FORCE_COLOR are heeded. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream, validateStream: true });
}

/** Text from a log, a note or a path, made harmless: what could steer a terminal or hide becomes a visible escape. */
export const harmless = (text: string): string => text.split('\t').map(visible).join('\t');

/** One JSON value for programs, which a terminal may show as well: names in it come from logs and from whoever wrote notes. */
export const jsonText = (value: unknown): string => visibleJson(JSON.stringify(value));

/** Columns to write in: COLUMNS where it is a number, else the terminal's; 120 where there is neither. */
export const terminalWidth = (): number => askedWidth() ?? (process.stdout.columns || 120);

/** COLUMNS, as a shell or a person sets it; a width below 20 is a mistake. */
function askedWidth(): number | null {
  const columns = Number(process.env['COLUMNS'] || Number.NaN);
  return Number.isInteger(columns) && columns >= 20 ? columns : null;
}

/** What texts are folded to: without limit where another program reads, which wants a line whole. */
export const foldWidth = (): number =>
  process.stdout.isTTY || askedWidth() !== null ? terminalWidth() : Number.POSITIVE_INFINITY;

/** The text in lines of at most `columns`, broken between words; a word that is longer stands alone. */
export function folded(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && width(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** 1234567 → `1,234,567`. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/** `1 record`, `2 records`. */
export const counted = (value: number, noun: string): string =>
  `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;

/** 1536 → `1.5 KB`; powers of 1,000, as disks are sold and clouds are billed. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

export interface TextColumn {
  readonly title: string;
  readonly right?: true;
}

/** The last column is not folded to less than this. */
const LEAST_FOLD = 16;

/** A table of short texts, two spaces between columns; on a narrow terminal the last one is folded under itself. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => width(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ right }, at) => {
        const cell = cells[at] ?? '';
        const pad = ' '.repeat(Math.max(0, widths[at]! - width(cell)));
        return right ? pad + cell : cell + pad;
      })
      .join('  ')
      .trimEnd();
  const last = columns.length - 1;
  const indent = widths.slice(0, last).reduce((sum, own) => sum + own + 2, 0);
  const room = foldWidth() - indent;
  const folds = last > 0 && columns[last]!.right !== true && widths[last]! > room;
  if (folds) widths[last] = 0;
  // Where too little room is left beside the others, it goes below them.
  const below = room < LEAST_FOLD ? 4 : null;
  const foldedLine = (cells: readonly string[]): string => {
    const text = cells[last] ?? '';
    if (text === '') return line(cells);
    const rest = folded(text, below === null ? room : foldWidth() - below);
    const first = below === null ? rest.shift()! : '';
    const indented = rest.map((one) => ' '.repeat(below ?? indent) + one);
    return [line([...cells.slice(0, last), first]), ...indented].join('\n');
  };
  const title = paint('dim', line(columns.map(({ title }) => title)));
  return [title, ...rows.map(folds ? foldedLine : line)].join('\n');
}

const width = (text: string): number => stripVTControlCharacters(text).length;

/** A word beside the answer, to stderr. */
export const say = (text: string): void => {
  process.stderr.write(`${paint('yellow', 'akashi:', process.stderr)} ${text}\n`);
};
