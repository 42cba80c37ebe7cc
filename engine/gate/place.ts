/** Pointing at a place in a SQL text. */

import { visible } from '../format/visible.ts';
import { textWidth } from '../format/width.ts';

/** Longest excerpt of a line, in characters. */
const EXCERPT = 72;

/**
 * `line 2, column 7: message` and below it that line with a caret under the place.
 *
 * @param offset Characters before the place (Unicode code points); anything out of range leaves the place out.
 */
export function placeInText(sql: string, offset: number, message: string): string {
  const characters = [...sql];
  if (!Number.isInteger(offset) || offset < 0 || offset > characters.length) return message;
  const lineStart = characters.slice(0, offset).lastIndexOf('\n') + 1;
  const line = characters.slice(0, lineStart).filter((character) => character === '\n').length + 1;
  const column = offset - lineStart + 1;
  const lineEnd = characters.indexOf('\n', lineStart);
  const text = characters.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const from = Math.max(0, column - 1 - EXCERPT / 2);
  const before = visible(text.slice(from, column - 1).join(''));
  const after = visible(text.slice(column - 1, from + EXCERPT).join(''));
  return `line ${line}, column ${column}: ${message}\n  ${before}${after}\n  ${' '.repeat(textWidth(before))}^`;
}

/** Characters before a place that is given in UTF-8 bytes. */
export function charactersBefore(sql: string, bytes: number): number {
  if (!Number.isSafeInteger(bytes)) return Number.NaN;
  return [...Buffer.from(sql).toString('utf8', 0, bytes)].length;
}
