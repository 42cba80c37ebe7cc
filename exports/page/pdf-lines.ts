/** Text broken into lines of a width. */

import type { Inline, Run } from './page.ts';
import type { ColourName } from './palette.ts';
import type { PdfFonts, Style } from './pdf-fonts.ts';

/** Neighbouring characters that look alike. */
export interface Span {
  readonly text: string;
  readonly font: string;
  readonly width: number;
  readonly colour: ColourName;
  readonly ground?: ColourName;
  readonly to?: string;
}

export interface Line {
  readonly spans: readonly Span[];
  readonly width: number;
}

export interface TextLook {
  readonly size: number;
  readonly style?: Style;
  readonly colour?: ColourName;
  /** Longest value in UTF-16 units before it is cut. */
  readonly longest?: number;
}

interface Placed {
  readonly text: string;
  readonly font: string;
  readonly width: number;
  readonly run: number;
  readonly escaped: boolean;
}

const BREAK_AFTER = /[\s\-/,;:.=&?@_)\]}\u2010\u2013\u2014]/;
const WIDE = /[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60\u{20000}-\u{3ffff}]/u;
/** A line is not left emptier than this for the sake of a break at a word's end. */
const LEAST_FILL = 0.45;

/** Lines no wider than `room`; a word that is wider is broken where it must be. */
export function linesOf(inline: Inline, fonts: PdfFonts, room: number, look: TextLook): Line[] {
  const runs: readonly Run[] = typeof inline === 'string' ? [{ text: inline }] : inline;
  const placed = runs.flatMap((run, at) => placedOf(run, at, fonts, look));
  const lines: Line[] = [];
  let start = 0;
  while (start < placed.length) {
    const end = lineEnd(placed, start, room);
    lines.push(lineOf(placed.slice(start, end), runs, look));
    start = end;
    while (start < placed.length && placed[start]!.text === ' ' && end > 0) start++;
  }
  return lines.length === 0 ? [{ spans: [], width: 0 }] : lines;
}

function placedOf(run: Run, at: number, fonts: PdfFonts, look: TextLook): Placed[] {
  const style = run.strong || run.tone !== undefined ? 'bold' : run.mono ? 'mono' : (look.style ?? 'regular');
  return fonts
    .glyphs(run.text, style, look.longest)
    .map(({ text, font, width, escaped }) => ({ text, font, width: width * look.size, run: at, escaped }));
}

/** A number is not torn at its point or comma. */
const breaksAfter = (text: string, next = ''): boolean =>
  BREAK_AFTER.test(text) && !(/^[.,:]$/.test(text) && /^\d$/.test(next));

/** The place after the last character of a line that starts at `start`; always at least one further. */
function lineEnd(placed: readonly Placed[], start: number, room: number): number {
  let width = 0;
  let lastBreak = -1;
  let widthAtBreak = 0;
  for (let at = start; at < placed.length; at++) {
    const { text, width: own } = placed[at]!;
    // A space at the end of a line takes no room.
    if (width + own > room && at > start && text !== ' ')
      return lastBreak > start && widthAtBreak >= room * LEAST_FILL ? lastBreak : at;
    width += own;
    const next = placed[at + 1];
    if (breaksAfter(text, next?.text) || WIDE.test(text) || (next !== undefined && WIDE.test(next.text))) {
      lastBreak = at + 1;
      widthAtBreak = width;
    }
  }
  return placed.length;
}

function lineOf(placed: readonly Placed[], runs: readonly Run[], look: TextLook): Line {
  const spans: Span[] = [];
  let width = 0;
  for (let at = 0; at < placed.length; ) {
    const { font, run, escaped } = placed[at]!;
    let text = '';
    let own = 0;
    for (; at < placed.length; at++) {
      const one = placed[at]!;
      if (one.font !== font || one.run !== run || one.escaped !== escaped) break;
      text += one.text;
      own += one.width;
    }
    spans.push({ text, font, width: own, ...lookOf(runs[run]!, escaped, look) });
    width += own;
  }
  return { spans, width };
}

function lookOf({ to, tone }: Run, escaped: boolean, look: TextLook): Pick<Span, 'colour' | 'ground' | 'to'> {
  const link = to === undefined ? {} : { to };
  if (escaped) return { colour: 'warn', ground: 'warn-ground', ...link };
  if (tone !== undefined && tone !== 'plain') return { colour: tone, ground: `${tone}-ground`, ...link };
  return { colour: to === undefined ? (look.colour ?? 'ink') : 'accent', ...link };
}
