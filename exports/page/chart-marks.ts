/** What a chart's drawing consists of. */

import { cutToWidth } from './chart-text.ts';
import type { ColourName } from './palette.ts';
import { shownText } from './shown-text.ts';

export type Mark =
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly fill: ColourName;
      /** Set apart from its neighbours by a thin line of the ground's colour. */
      readonly edge?: true;
      /** Said when pointed at. */
      readonly title?: string;
    }
  | {
      readonly kind: 'line';
      readonly x1: number;
      readonly y1: number;
      readonly x2: number;
      readonly y2: number;
      readonly stroke: ColourName;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** The baseline. */
      readonly y: number;
      readonly text: string;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly fill: ColourName;
    };

/** Words at `x` on the baseline `y`, cut to `room`. */
export function text(
  marks: Mark[],
  x: number,
  y: number,
  words: string,
  anchor: 'start' | 'middle' | 'end',
  room: number,
  fill: ColourName = 'muted',
): void {
  marks.push({ kind: 'text', x, y, text: cutToWidth(shownText(words, 200), room), anchor, fill });
}
