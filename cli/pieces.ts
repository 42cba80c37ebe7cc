/** Text of strangers in lines of a width: broken between words where there are any, else anywhere. */

import { cutToWidth, textWidth, unitsWithin } from '../engine/format/width.ts';
import { folded } from './terminal.ts';

/** Lines of at most `width` columns, at most `most` of them: the last of more is cut and ends in `…`. */
export function pieces(text: string, width: number, most: number): string[] {
  const lines = folded(text, width).flatMap((line) => {
    const parts: string[] = [];
    for (let rest = line; rest !== ''; ) {
      const units = Math.max(1, unitsWithin(rest, width));
      parts.push(rest.slice(0, units));
      rest = rest.slice(units);
    }
    return parts;
  });
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), cutToWidth(lines.slice(most - 1).join(' '), width)];
}

/** Cut to a width and filled up to it. */
export function padded(text: string, width: number): string {
  const cut = cutToWidth(text, width);
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)));
}
