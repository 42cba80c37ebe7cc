/** Text set down where the sheet has come to. */

import type { Inline } from './page.ts';
import { linesOf, type TextLook } from './pdf-lines.ts';
import { MARGIN, type Sheet, WIDTH } from './pdf-sheet.ts';

/** Points that running text is high. */
export const BODY = 9.5;

/** `x` points from the left margin, over as many lines and sheets as it takes. */
export const write = (sheet: Sheet, text: Inline, look: TextLook, x = 0): void =>
  sheet.flow(linesOf(text, sheet.fonts, WIDTH - x, look), MARGIN.left + x, look.size);
