/** The legend of a chart. */

import { type Mark, text } from './chart-marks.ts';
import { cutToWidth, textWidth } from './chart-text.ts';
import type { ColourName } from './palette.ts';

/** Units from one line of a chart's words to the next. */
export const LINE = 16;
/** What is said of a place whose value nobody knows. */
export const UNKNOWN = 'not known';

interface Painted {
  readonly name: string;
  readonly fill: ColourName;
}

/** Which colour is what, in as many lines as it takes; nothing for one series. Returns the height taken. */
export function legend(marks: Mark[], series: readonly Painted[], unknown: boolean, width: number): number {
  const items = [
    ...(series.length > 1 ? series.map(({ name, fill }) => ({ name, fill })) : []),
    ...(unknown ? [{ name: UNKNOWN, fill: 'quiet-ground' as const }] : []),
  ];
  if (items.length === 0) return 0;
  let x = 0;
  let y = 0;
  for (const { name, fill } of items) {
    const shown = cutToWidth(name, width - 16);
    const taken = 16 + textWidth(shown) + 16;
    if (x > 0 && x + taken - 16 > width) {
      x = 0;
      y += LINE;
    }
    marks.push({ kind: 'rect', x, y: y + 2, width: 10, height: 10, fill });
    text(marks, x + 15, y + 11, shown, 'start', width - 16);
    x += taken;
  }
  return y + LINE + 4;
}
