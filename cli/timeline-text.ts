/** A timeline on a terminal: one line for each event where the width allows, else two; then what it comes to. */

import { visible } from '../engine/format/visible.ts';
import { cutToWidth, textWidth } from '../engine/format/width.ts';
import {
  type Burst,
  burstBytes,
  burstTarget,
  burstWho,
  foldBursts,
  type Shown,
} from '../exports/timeline/fold.ts';
import { isDirect } from '../exports/timeline/links.ts';
import { proofWord, type RecordLine, type TimelineData } from '../exports/timeline/model.ts';
import {
  clockText,
  dayText,
  durationText,
  gapText,
  laneOf,
  sizeText,
  type Words,
  wordsOf,
} from '../exports/timeline/words.ts';
import { padded, pieces } from './pieces.ts';
import { paint } from './terminal.ts';

/** A silence of this length is told, microseconds. */
const LATER = 600e6;
/** Narrower terminals get who and from where on a line of its own, where it changes. */
const WIDE = 150;
const LEAST_TARGET = 20;
const MOST_WHO = 34;
/** Of a line's last column, before it is cut. */
const MOST_FOLDS = 4;
/** Where a line's own text begins, after mark, time and cloud. */
const INDENT = 17;
/** From here on actions and results stand under each other. */
const ALIGNED = 100;
const MOST_RESULT = 9;
/** Longer than any action of the vocabulary, and than any address: what is cut is no such thing. */
const MOST_ACTION = 46;
const MOST_FROM = 39;
const CONFLICT = 'CONFLICT';
const GAP = ' ';

/** What the mark before a line says of its proof. */
export const PROOF_MARKS = {
  stamped: { mark: '●', style: 'green', meaning: 'sealed, whole and time-stamped' },
  sealed: { mark: '○', style: 'green', meaning: 'sealed and whole' },
  unread: { mark: '·', style: 'dim', meaning: 'sealed, not read again' },
  broken: { mark: '✗', style: 'red', meaning: 'not proven' },
} as const;

interface Cells extends Words {
  readonly line: RecordLine;
  /** Number of what led to it. */
  readonly link: number | null;
}

/** Lines of text, without the last line's end. Nothing a log says can act in it. */
export function* timelineText(data: TimelineData, width: number, unfolded: boolean): Generator<string> {
  const shown: readonly Shown[] = unfolded ? data.lines : foldBursts(data.lines);
  const cells = shown.map((one) => (one.kind === 'gap' ? null : cellsOf(one)));
  const draw = width >= WIDE ? wideRow(cells, width) : narrowRow(cells, width);
  const links = new Map<string, number>();
  let day = '';
  let before: number | null = null;
  for (const [at, one] of shown.entries()) {
    const own = one.time === null ? 'without a time' : dayHeading(one.time);
    if (own !== day) yield `${day === '' ? '' : '\n'}${paint('bold', own)}`;
    day = own;
    if (before !== null && one.time !== null && one.time - before >= LATER)
      yield paint('dim', `  ┆ ${durationText(one.time - before)} later`);
    if (one.kind === 'gap') {
      yield gapLines(one, width);
      before = Math.max(before ?? one.time, one.time);
      continue;
    }
    before = one.kind === 'burst' ? one.end : one.time;
    const row = cells[at]!;
    const because = linkText(row.line);
    const known = links.get(because);
    if (because !== '' && known === undefined) links.set(because, links.size + 1);
    yield* draw({ ...row, link: links.get(because) ?? null });
    if (because === '' || known !== undefined) continue;
    // Said once; later lines name its number.
    yield* pieces(`[${links.size}] ${because}`, Math.max(LEAST_TARGET, width - INDENT - 6), MOST_FOLDS).map(
      (text, part) => paint('dim', `${' '.repeat(INDENT)}${part === 0 ? '└ ' : '      '}${text}`),
    );
  }
}

/** `Tuesday 2024-03-12 (UTC)`. */
function dayHeading(micros: number): string {
  const day = new Date(micros / 1000).toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' });
  return `${day} ${dayText(micros)} (UTC)`;
}

/** What led to a line, beside that it fits by itself. */
const linkText = ({ links }: RecordLine): string =>
  visible(
    links
      .filter((link) => !isDirect([link]))
      .map(({ because }) => because)
      .join('; '),
  );

function cellsOf(one: RecordLine | Burst): Cells {
  if (one.kind !== 'burst') return { ...harmlessWords(wordsOf(one)), line: one, link: null };
  const [first] = one.lines;
  const words = wordsOf(first!);
  const lasts = one.end - one.time >= 60e6 ? durationText(one.end - one.time) : '';
  const flow = first!.kind === 'flow';
  const bytes = burstBytes(one);
  const detail = flow ? (bytes === null ? '' : sizeText(bytes)) : words.detail;
  return {
    ...harmlessWords({
      ...words,
      who: burstWho(one),
      action: `${words.action} ×${one.lines.length}`,
      target: burstTarget(one),
      detail: [detail, lasts === '' ? '' : `in ${lasts}`].filter(Boolean).join(' '),
    }),
    line: first!,
    link: null,
  };
}

/** Longer texts than any terminal is wide need not be looked at. */
const MOST_CHARACTERS = 2_000;

function harmlessWords(words: Words): Words {
  const clean = (text: string) => visible(text.slice(0, MOST_CHARACTERS));
  const { who, action, target, from, result, detail } = words;
  return {
    ...words,
    who: clean(who),
    action: cutToWidth(clean(action), MOST_ACTION),
    target: clean(target),
    from: cutToWidth(clean(from), MOST_FROM),
    result: cutToWidth(clean(result), MOST_RESULT),
    detail: clean(detail),
  };
}

const markOf = (line: RecordLine): string => {
  const { mark, style } = PROOF_MARKS[proofWord(line.proof)];
  return paint(style, mark);
};

const timeOf = ({ time }: RecordLine): string => (time === null ? '--:--:--' : clockText(time));

/** Red what failed, yellow copies that disagree. */
function resultText({ result, failed, line }: Cells, width: number): string {
  if (line.row['conflict'] === true) return paint('yellow', padded(CONFLICT, width));
  return paint(failed ? 'red' : 'dim', padded(result, width));
}

/** Target and detail as far as they fit, the rest below; what is longer yet is cut. */
function* lastColumn(start: string, row: Cells, indent: number, width: number): Generator<string> {
  const text = [row.target, row.detail === '' ? '' : `(${row.detail})`].filter(Boolean).join(' ');
  const note = row.link === null ? '' : ` [${row.link}]`;
  const lines = pieces(text, Math.max(LEAST_TARGET, width - indent - note.length), MOST_FOLDS);
  for (const [at, line] of (lines.length === 0 ? [''] : lines).entries()) {
    const end = at >= lines.length - 1 ? paint('dim', note) : '';
    yield `${at === 0 ? start : ' '.repeat(indent)}${line}${end}`.trimEnd();
  }
}

const widest = (cells: readonly (Cells | null)[], pick: (row: Cells) => string, most: number): number =>
  cells.reduce((sum, row) => (row === null ? sum : Math.max(sum, Math.min(most, textWidth(pick(row))))), 0);

/** Actions, addresses and results are never cut; names give way. */
function wideRow(cells: readonly (Cells | null)[], width: number): (row: Cells) => Generator<string> {
  const action = widest(cells, (row) => row.action, width);
  const from = widest(cells, (row) => row.from, MOST_FROM);
  const result = widest(cells, (row) => row.result, MOST_RESULT);
  const room = width - INDENT - action - from - result - 44;
  const who = Math.max(
    8,
    Math.min(
      widest(cells, (row) => row.who, MOST_WHO),
      room,
    ),
  );
  const indent = INDENT + who + from + action + result + 4;
  return function* draw(row) {
    const columns = [
      `${markOf(row.line)} ${timeOf(row.line)}`,
      padded(row.lane, 5),
      padded(row.who, who),
      padded(row.from, from),
      padded(row.action, action),
      resultText(row, result),
      '',
    ];
    yield* lastColumn(columns.join(GAP), row, indent, width);
  };
}

function narrowRow(cells: readonly (Cells | null)[], width: number): (row: Cells) => Generator<string> {
  const aligned = width >= ALIGNED;
  const action = aligned ? widest(cells, (row) => row.action, width) : 0;
  const result = aligned ? widest(cells, (row) => row.result, MOST_RESULT) : 0;
  let [who, from] = ['', ''];
  return function* draw(row) {
    // Lines that say nothing of where from keep to what was said last; flows name both ends by themselves.
    if (row.line.kind === 'event' && (row.who !== who || (row.from !== '' && row.from !== from))) {
      [who, from] = [row.who, row.from];
      const context = [row.who, row.from === '' ? '' : `from ${row.from}`].filter((part) => part !== '');
      yield paint('cyan', `${' '.repeat(INDENT)}${cutToWidth(context.join(' '), width - INDENT)}`);
    }
    const own = Math.max(result, textWidth(row.line.row['conflict'] === true ? CONFLICT : row.result));
    const name = padded(row.action, Math.max(action, textWidth(row.action)));
    const start = `${markOf(row.line)} ${timeOf(row.line)} ${padded(row.lane, 5)} ${name} ${resultText(row, own)} `;
    const indent = INDENT + textWidth(name) + own + 2;
    if (width - indent >= LEAST_TARGET + 8) {
      yield* lastColumn(start, row, indent, width);
      return;
    }
    yield start.trimEnd();
    if (row.target !== '') yield* lastColumn(' '.repeat(INDENT + 2), row, INDENT + 2, width);
  };
}

function gapLines(gap: Extract<Shown, { kind: 'gap' }>, width: number): string {
  const span = `${clockText(gap.time).slice(0, 5)} to ${clockText(gap.end).slice(0, 5)}`;
  const lane = padded(laneOf(null, gap.source), 5);
  const [first = '', ...rest] = pieces(visible(gapText(gap)), Math.max(LEAST_TARGET, width - 23), MOST_FOLDS);
  const style = gap.verdict === 'gap' ? 'red' : 'yellow';
  return [`▒ ${span} ${lane} ${first}`, ...rest.map((text) => ' '.repeat(23) + text)]
    .map((text) => paint(style, text))
    .join('\n');
}
