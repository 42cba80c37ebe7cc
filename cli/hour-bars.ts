/** Hours of many streams as bars, one line each, as wide as the terminal. A gap is a gap in the bar. */

import type { Stream } from '../ledger/coverage/facts.ts';
import { streamKey } from '../ledger/coverage/facts.ts';
import { UNIT_VERDICTS, type UnitVerdict } from '../ledger/coverage/states.ts';
import type { Unit } from '../ledger/coverage/units.ts';
import { harmless, paint } from './terminal.ts';

/** How each verdict looks; told apart without colours too. */
export const MARKS: Readonly<
  Record<UnitVerdict, { mark: string; style: 'red' | 'yellow' | 'green' | 'cyan' | 'dim' }>
> = {
  gap: { mark: ' ', style: 'red' },
  silent: { mark: '_', style: 'yellow' },
  unknown: { mark: '·', style: 'dim' },
  pending: { mark: '░', style: 'dim' },
  presumed: { mark: '▒', style: 'cyan' },
  complete: { mark: '█', style: 'green' },
};
const VERDICTS = Object.keys(UNIT_VERDICTS) as readonly UnitVerdict[];
const LEAST_BAR = 10;
const MOST_LABEL = 60;

interface Line {
  readonly stream: Stream;
  readonly cells: Int8Array;
  worst: number;
}

/** Bars of the hours from `from` to `to` (exclusive). */
export class HourBars {
  readonly #from: number;
  readonly #perCell: number;
  readonly #cells: number;
  readonly #lines = new Map<string, Line>();

  constructor(from: number, to: number, width: number, labelWidth: number) {
    const hours = Math.max(1, to - from);
    const bar = Math.max(LEAST_BAR, width - Math.min(labelWidth, MOST_LABEL) - 4);
    this.#from = from;
    this.#perCell = Math.max(1, Math.ceil(hours / bar));
    this.#cells = Math.ceil(hours / this.#perCell);
  }

  get hoursPerCell(): number {
    return this.#perCell;
  }

  /** The gravest verdict of its hours is what a cell shows, so that no gap is too short to be seen. */
  add({ stream, hour, hours, verdict }: Unit): void {
    const key = streamKey(stream);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { stream, cells: new Int8Array(this.#cells).fill(-1), worst: VERDICTS.length };
      this.#lines.set(key, line);
    }
    const rank = VERDICTS.indexOf(verdict);
    const first = Math.max(0, Math.floor((hour - this.#from) / this.#perCell));
    const last = Math.min(this.#cells - 1, Math.floor((hour + hours - 1 - this.#from) / this.#perCell));
    for (let at = first; at <= last; at++) {
      if (line.cells[at] === -1 || rank < line.cells[at]!) line.cells[at] = rank;
      line.worst = Math.min(line.worst, rank);
    }
  }

  /** At most so many lines, those with the gravest verdicts; the others are counted. */
  draw(most: number): { readonly text: string; readonly leftOut: number } {
    const all = [...this.#lines.values()];
    const worst = new Set(all.toSorted((a, b) => a.worst - b.worst).slice(0, most));
    const shown = all.filter((line) => worst.has(line));
    const labels = shown.map(({ stream }) => labelOf(stream));
    const width = labels.reduce((widest, label) => Math.max(widest, label.length), 0);
    const lines = shown.map(({ cells }, at) => `${labels[at]!.padEnd(width)} ┃${bar(cells)}┃`);
    return { text: lines.join('\n'), leftOut: all.length - shown.length };
  }
}

export const labelOf = ({ source, account, region }: Stream): string => {
  const text = [source, account, region].map((part) => harmless(part ?? '-').replaceAll('\t', ' ')).join(' ');
  return text.length <= MOST_LABEL ? text : `${text.slice(0, MOST_LABEL - 1)}…`;
};

/** Equal cells are painted together. */
function bar(cells: Int8Array): string {
  let text = '';
  for (let at = 0; at < cells.length; ) {
    let end = at + 1;
    while (end < cells.length && cells[end] === cells[at]) end++;
    const verdict = VERDICTS[cells[at]!];
    const { mark, style } = verdict === undefined ? MARKS.unknown : MARKS[verdict];
    text += paint(style, mark.repeat(end - at));
    at = end;
  }
  return text;
}

export const legend = (): string =>
  VERDICTS.toReversed()
    .map(
      (verdict) =>
        `${paint(MARKS[verdict].style, verdict === 'gap' ? '┃ ┃' : MARKS[verdict].mark)} ${verdict}`,
    )
    .join('  ');
