/** Text as HTML that is that text and nothing else. */

import type { Inline, Run } from './page.ts';
import { LONGEST_VALUE, pieces } from './shown-text.ts';

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for values of attributes in double quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITY[character]!);

/** Text of anyone: escapes are set apart, so that nobody takes them for what the text says. */
export const textHtml = (text: string, longest: number = LONGEST_VALUE): string =>
  pieces(text, longest)
    .map((piece) =>
      piece.escaped ? `<span class="esc">${escapeHtml(piece.text)}</span>` : escapeHtml(piece.text),
    )
    .join('');

/** Runs stand apart from each other, so that right-to-left text of one does not reorder the next. */
export const inlineHtml = (inline: Inline, longest: number = LONGEST_VALUE): string =>
  typeof inline === 'string'
    ? textHtml(inline, longest)
    : inline.map((run) => runHtml(run, longest)).join('');

function runHtml({ text, to, mono, strong, tone }: Run, longest: number): string {
  const inner = `<bdi>${textHtml(text, longest)}</bdi>`;
  const classes = [mono ? 'mono' : '', tone === undefined ? '' : `mark ${tone}`].join(' ').trim();
  const marked = classes === '' ? inner : `<span class="${classes}">${inner}</span>`;
  const weighed = strong ? `<strong>${marked}</strong>` : marked;
  return to === undefined ? weighed : `<a href="#${escapeHtml(to)}">${weighed}</a>`;
}
