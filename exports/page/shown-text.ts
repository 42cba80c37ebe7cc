/** Text of strangers as a page may show it: nothing acts, nothing hides, nothing is endless. */

import { visible } from '../../engine/format/visible.ts';

/** Longest value shown whole, in UTF-16 units; a record's own text in a code block may be longer. */
export const LONGEST_VALUE = 2_000;
/** In a table, where one value must not push the others away. */
export const LONGEST_CELL = 400;
export const LONGEST_CODE = 20_000;

/** A stretch of text; `escaped` where it stands for characters that cannot be shown as they are. */
export interface Piece {
  readonly text: string;
  readonly escaped: boolean;
}

const ESCAPED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * The text in pieces: controls, marks that reorder text and what is drawn as nothing become visible escapes; a text longer than
 * `longest` is cut, with its whole length told.
 */
export function pieces(text: string, longest: number = LONGEST_VALUE): Piece[] {
  const cut = text.length > longest;
  const kept = cut ? text.slice(0, endOfCharacter(text, longest)) : text;
  const found: Piece[] = [];
  let at = 0;
  for (const match of kept.matchAll(ESCAPED)) {
    if (match.index > at) found.push({ text: kept.slice(at, match.index), escaped: false });
    found.push({ text: visible(match[0]), escaped: true });
    at = match.index + match[0].length;
  }
  if (at < kept.length) found.push({ text: kept.slice(at), escaped: false });
  if (cut)
    found.push({ text: ` … [cut; ${text.length.toLocaleString('en-US')} characters in all]`, escaped: true });
  return found;
}

/** The same as one text. */
export const shownText = (text: string, longest: number = LONGEST_VALUE): string =>
  pieces(text, longest)
    .map((piece) => piece.text)
    .join('');

/** A place at most at `at` that does not lie within a surrogate pair. */
function endOfCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code < 0xdc00 ? at - 1 : at;
}
