/** The lines of a timeline's page: each opens to its record and its proof, bursts open to their lines. */

import { textHtml } from '../page/html-text.ts';
import { LONGEST_CODE, shownText } from '../page/shown-text.ts';
import { type Burst, burstBytes, burstTarget, burstWho, foldBursts, type Shown } from './fold.ts';
import { indented } from './indented.ts';
import type { Lane } from './lanes.ts';
import { isDirect } from './links.ts';
import { type GapLine, proofWord, type RecordLine, type TimelineLine } from './model.ts';
import { numberOf, textOf } from './records.ts';
import {
  clockText,
  dayText,
  durationText,
  gapText,
  isoText,
  laneOf,
  sizeText,
  type Words,
  wordsOf,
} from './words.ts';

/** Silences of this length are told, microseconds. */
const LATER = 600e6;
/** Lines laid out together. */
const PART = 100;
/** Longest text of a column of a line, characters; the record has all of it. */
const LONGEST = 300;

export const PROOFS = {
  stamped: { mark: '●', text: 'sealed, whole and time-stamped' },
  sealed: { mark: '○', text: 'sealed and whole' },
  unread: { mark: '·', text: 'sealed, not read again' },
  broken: { mark: '✗', text: 'not proven' },
} as const;

const cell = (name: string, text: string): string =>
  `<span class="${name}">${textHtml(text, LONGEST)}</span>`;

/** List items; `lanes`: those of the page, in their order. */
export function* linesHtml(lines: readonly TimelineLine[], lanes: readonly Lane[]): Generator<string> {
  let day = '';
  let before: number | null = null;
  let at = 0;
  for (const [row, one] of foldBursts(lines).entries()) {
    // Only the parts that are in sight are laid out.
    if (row % PART === 0) yield `${row === 0 ? '' : '</ol></li>'}<li class="part"><ol>\n`;
    const own = one.time === null ? 'Without a time' : dayHeading(one.time);
    if (own !== day) yield `<li class="day">${own}</li>\n`;
    day = own;
    if (before !== null && one.time !== null && one.time - before >= LATER)
      yield `<li class="later">${durationText(one.time - before)} later</li>\n`;
    before = one.kind === 'burst' ? one.end : (one.time ?? before);
    yield shownHtml(one, lanes, at);
    at += one.kind === 'burst' ? one.lines.length : 1;
  }
  if (at > 0) yield '</ol></li>\n';
}

function dayHeading(micros: number): string {
  const weekday = new Date(micros / 1000).toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' });
  return `${weekday} ${dayText(micros)} (UTC)`;
}

function shownHtml(one: Shown, lanes: readonly Lane[], at: number): string {
  if (one.kind === 'gap') return gapHtml(one, lanes, at);
  if (one.kind === 'burst') return burstHtml(one, lanes, at);
  return recordHtml(one, lanes, at);
}

const laneClasses = (lane: Lane, lanes: readonly Lane[]): string => {
  const at = lanes.indexOf(lane);
  return `c${at} p${at}`;
};

const rail = '<span class="rail"><i class="dot"></i></span>';

function recordHtml(line: RecordLine, lanes: readonly Lane[], at: number): string {
  const words = wordsOf(line);
  const conflict = line.row['conflict'] === true;
  const classes = [
    'ln',
    laneClasses(words.lane, lanes),
    line.kind,
    words.failed ? 'failed' : '',
    conflict ? 'conflict' : '',
  ];
  const kinds = [words.lane, line.kind, words.failed ? 'failed' : 'done'].join(' ');
  return (
    `<li class="${classes.filter(Boolean).join(' ')}" id="l${at}" data-k="${kinds}"><details><summary>` +
    summaryHtml(line, words, conflict ? 'conflict' : words.result, '') +
    `</summary>${bodyHtml(line)}</details></li>\n`
  );
}

function summaryHtml(line: RecordLine, words: Words, result: string, times: string): string {
  const word = proofWord(line.proof);
  const { mark, text } = PROOFS[word];
  return [
    `<span class="t">${line.time === null ? '–' : clockText(line.time)}</span>${rail}`,
    `<span class="act">${textHtml(words.action, LONGEST).replaceAll('.', '.<wbr>')}${times}</span>`,
    `<span class="tgt">${targetHtml(line, words)}</span>`,
    `<span class="by">${cell('who', words.who === '-' ? '' : words.who)}${cell('from', words.from)}</span>`,
    cell('res', [result, words.detail].filter(Boolean).join(' ')),
    `<span class="pf ${word}" title="${text}">${mark}</span>`,
    whyHtml(line),
  ].join('');
}

const targetHtml = (line: RecordLine, { target }: Words): string =>
  textOf(line.row['command']) === null
    ? textHtml(target, LONGEST)
    : `<code>${textHtml(target, LONGEST)}</code>`;

/** What led to a line, beside that it fits by itself. */
function whyHtml({ links }: RecordLine): string {
  const others = links.filter((link) => !isDirect([link])).map(({ because }) => because);
  return others.length === 0 ? '' : `<span class="why">↳ ${textHtml(others.join('; '), LONGEST)}</span>`;
}

function burstHtml(burst: Burst, lanes: readonly Lane[], at: number): string {
  const [first] = burst.lines;
  const words = wordsOf(first!);
  const flow = first!.kind === 'flow';
  const bytes = burstBytes(burst);
  const lasts = burst.end - burst.time >= 60e6 ? ` in ${durationText(burst.end - burst.time)}` : '';
  const detail = flow ? (bytes === null ? '' : sizeText(bytes)) : words.detail;
  const joined: Words = {
    ...words,
    who: burstWho(burst),
    target: burstTarget(burst),
    detail,
  };
  const times = `<span class="times">×${burst.lines.length.toLocaleString('en-US')}${lasts}</span>`;
  const inner = burst.lines.map((line, offset) => recordHtml(line, lanes, at + offset)).join('');
  const classes = ['ln', 'burst', laneClasses(words.lane, lanes), first!.kind, words.failed ? 'failed' : ''];
  return (
    `<li class="${classes.filter(Boolean).join(' ')}"><details><summary>${summaryHtml(first!, joined, words.result, times)}</summary>` +
    `<ol>${inner}</ol></details></li>\n`
  );
}

function gapHtml(gap: GapLine, lanes: readonly Lane[], at: number): string {
  const lane = laneOf(null, gap.source);
  const span = `${isoText(gap.time).slice(0, 16).replace('T', ' ')} to ${isoText(gap.end).slice(0, 16).replace('T', ' ')}`;
  return (
    `<li class="gapline ${gap.verdict} ${laneClasses(lane, lanes)}" id="l${at}" data-k="${lane} gap">` +
    `<span class="t">${clockText(gap.time)}</span><span class="rail"><i class="band"></i></span>` +
    `<span class="said">${textHtml(gapText(gap), 1_000)}<br>${span}</span></li>\n`
  );
}

/** Columns told of a record, as people call them. */
const FACTS: readonly (readonly [string, string])[] = [
  ['operation', 'operation'],
  ['account', 'account'],
  ['region', 'region'],
  ['actor id', 'actor_id'],
  ['credential', 'actor_credential'],
  ['session', 'actor_session'],
  ['issued by', 'actor_issuer'],
  ['stands behind', 'actor_on_behalf_of'],
  ['target id', 'target_id'],
  ['command', 'command'],
  ['error', 'error_message'],
  ['user agent', 'user_agent'],
  ['interface', 'interface'],
  ['uid', 'uid'],
];

function bodyHtml(line: RecordLine): string {
  const { row, links, proof } = line;
  const facts = FACTS.flatMap(([name, column]) => {
    const text = textOf(row[column]);
    return text === null || text === '' ? [] : [[name, text] as const];
  });
  const all: (readonly [string, string])[] = [
    ['time', line.time === null ? 'the record names none' : isoText(line.time)],
    ...facts,
    ['in because of', links.map(({ because }) => because).join('; ')],
    ['proof', PROOFS[proofWord(proof)].text + (proof.problem === null ? '' : `: ${proof.problem}`)],
    [
      'ledger',
      proof.index === null
        ? 'no entry'
        : `entry ${proof.index} of the checkpoint of ${proof.checkpoint} entries`,
    ],
    ...(proof.stamped === null
      ? []
      : [['existed at', `${isoText(proof.stamped.time)}, says ${proof.stamped.authority}`] as const]),
    ...(proof.provider === null ? [] : [["provider's proof", proof.provider] as const]),
    ['evidence', `${textOf(row['evidence']) ?? ''} at ${textOf(row['locator']) ?? ''}`],
  ];
  const items = all.map(([name, text]) => `<dt>${name}</dt><dd>${textHtml(text, 1_000)}</dd>`).join('');
  const raw = textOf(row['raw']) ?? '';
  const length = numberOf(row['raw_length']) ?? raw.length;
  return (
    `<div class="body"><dl>${items}</dl><p class="label">Record${raw.length < length ? `, the first ${raw.length.toLocaleString('en-US')} of ${length.toLocaleString('en-US')} characters` : ''}</p>` +
    `<pre><code>${codeHtml(indented(raw))}</code></pre></div>`
  );
}

/** Line ends and indents of our own stay; all else that acts is escaped. */
const codeHtml = (text: string): string => {
  const cut = text.length > LONGEST_CODE;
  const lines = (cut ? text.slice(0, LONGEST_CODE) : text)
    .split('\n')
    .map((line) => textHtml(line, LONGEST_CODE));
  return lines.join('\n') + (cut ? `\n<span class="esc">${shownText('… [cut]')}</span>` : '');
};
