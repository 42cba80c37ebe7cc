/** What a timeline comes to, on one screen: what was done, as whom, and what is not known. */

import { visible } from '../engine/format/visible.ts';
import { cutToWidth, textWidth } from '../engine/format/width.ts';
import { LANES, type Lane } from '../exports/timeline/lanes.ts';
import type { TimelineData } from '../exports/timeline/model.ts';
import { type Summary, summaryOf } from '../exports/timeline/summary.ts';
import { clockText, dayText, durationText } from '../exports/timeline/words.ts';
import { padded, pieces } from './pieces.ts';
import { counted, grouped, paint, shellWord } from './terminal.ts';
import { PROOF_MARKS } from './timeline-text.ts';

const MOST_IDENTITIES = 6;
const MOST_UNKNOWNS = 8;
const MOST_LEADS = 4;
/** Columns of the first column, and lines of one row. */
const MOST_NAME = 30;
const MOST_FOLDS = 6;

/** Lines of text. */
export function summaryText(data: TimelineData, width: number): string[] {
  const summary = summaryOf(data);
  const sections: readonly (readonly [string, readonly Row[]])[] = [
    ['what was done', deedRows(summary)],
    ['as whom', identityRows(summary)],
    ['what is not known', unknownRows(data)],
    ['look further', leadRows(data)],
  ];
  const lines = pieces(headline(data, summary), width, MOST_FOLDS).map((line) => paint('bold', line));
  for (const [title, rows] of sections) {
    if (rows.length === 0) continue;
    lines.push(paint('cyan', title));
    const shown = rows.map((row) => ({
      ...row,
      name: cutToWidth(visible(row.name.slice(0, 400)), MOST_NAME),
    }));
    const names = Math.max(...shown.map(({ name }) => textWidth(name)));
    for (const { name, text, style } of shown) {
      const [first = '', ...rest] = pieces(
        visible(text.slice(0, 2_000)),
        Math.max(20, width - names - 4),
        MOST_FOLDS,
      );
      const start = `  ${padded(name, names)}`;
      lines.push(`${style === undefined ? start : paint(style, start)}  ${first}`.trimEnd());
      lines.push(...rest.map((line) => ' '.repeat(names + 4) + line));
    }
  }
  lines.push(...pieces(proofText(data, summary), width, MOST_FOLDS).map((line) => paint('dim', line)));
  return lines;
}

interface Row {
  readonly name: string;
  readonly text: string;
  readonly style?: 'red' | 'yellow' | 'dim';
}

function headline({ span, lines }: TimelineData, summary: Summary): string {
  const times = lines.flatMap((line) => (line.kind === 'gap' || line.time === null ? [] : [line.time]));
  const counts = `${counted(summary.events, 'event')}, ${counted(summary.flows, 'flow')}, ${counted(summary.gaps, 'gap')}`;
  if (times.length === 0 || span === null) return counts;
  const [first, last] = [times[0]!, times.at(-1)!];
  const end = dayText(first) === dayText(last) ? clockText(last) : `${dayText(last)} ${clockText(last)}`;
  const lanes = (Object.keys(LANES) as Lane[])
    .flatMap((lane) => (summary.lanes[lane] === undefined ? [] : [`${lane} ${grouped(summary.lanes[lane])}`]))
    .join(', ');
  return `${counts} · ${dayText(first)} ${clockText(first)} to ${end} UTC (${durationText(last - first)}) · ${lanes}`;
}

const deedRows = ({ deeds }: Summary): Row[] =>
  deeds.map(({ title, grave, count, what }) => ({
    name: title,
    text: `${grouped(count)}: ${what.join(' · ')}`,
    ...(grave ? { style: 'red' as const } : {}),
  }));

function identityRows({ identities, tried, addresses }: Summary): Row[] {
  const rows = identities.slice(0, MOST_IDENTITIES).map(({ name, type, lines, clouds, because }) => ({
    name,
    text: `${counted(lines, 'event')}, ${[type, clouds.join(' ')].filter(Boolean).join(', ')}${because === null ? '' : `; ${because}`}`,
  }));
  const more = identities.slice(MOST_IDENTITIES);
  const named = `${more
    .slice(0, 6)
    .map(({ name }) => name)
    .join(', ')}${more.length > 6 ? ', …' : ''}`;
  if (more.length > 0) rows.push({ name: `and ${more.length} more`, text: named });
  if (tried.length > 0) {
    const others = tried.length > 8 ? ` and ${grouped(tried.length - 8)} more` : '';
    rows.push({ name: 'tried in vain', text: tried.slice(0, 8).join(', ') + others });
  }
  if (addresses.length > 0) {
    const shown = addresses.slice(0, 5).map(({ ip, lines }) => `${ip} (${grouped(lines)})`);
    const rest = addresses.length > 5 ? ` and ${grouped(addresses.length - 5)} more` : '';
    rows.push({ name: 'from', text: shown.join(', ') + rest });
  }
  return rows;
}

function unknownRows({ unknowns, cut }: TimelineData): Row[] {
  const rows = unknowns.slice(0, MOST_UNKNOWNS).map(
    ({ grave, text }): Row => ({
      name: grave ? '!' : '-',
      text,
      ...(grave ? { style: 'red' as const } : {}),
    }),
  );
  if (unknowns.length > MOST_UNKNOWNS)
    rows.push({ name: '-', text: `and ${unknowns.length - MOST_UNKNOWNS} more (--json lists all)` });
  if (cut !== null) rows.unshift({ name: '!', text: cutText(cut), style: 'red' });
  return rows;
}

/** That there is more than is here, and how to get it. */
export const cutText = ({ shown, found }: NonNullable<TimelineData['cut']>): string =>
  `only the first ${grouped(shown)} of ${found === null ? 'more' : grouped(found)} lines are here: name a shorter time (--since, --until), or raise --max-lines`;

const leadRows = ({ leads }: TimelineData): Row[] =>
  leads.slice(0, MOST_LEADS).map(({ selector, value, because }) => ({
    name: '+',
    text: `--${selector} ${shellWord(value)}  ${because}`,
  }));

function proofText({ head }: TimelineData, { proof, events, flows }: Summary): string {
  const states = (Object.keys(PROOF_MARKS) as (keyof typeof PROOF_MARKS)[])
    .filter((word) => proof[word] > 0)
    .map(
      (word) =>
        `${PROOF_MARKS[word].mark} ${grouped(proof[word])} of ${grouped(events + flows)} ${PROOF_MARKS[word].meaning}`,
    );
  return `${states.join(', ')}; ledger of ${counted(head.size, 'entry').replace('entrys', 'entries')}, head ${head.name}`;
}
