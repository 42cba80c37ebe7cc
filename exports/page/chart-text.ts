/**
 * How wide a chart's words are at most in the usual sans-serif faces, DejaVu being the widest: a page does not choose its
 * reader's font.
 */

/** Units a chart's text is high. */
export const CHART_TEXT_SIZE = 11;

const NARROW = /[ .,:;'|!ijlIft()[\]{}/-]/;
const WIDE = /[MWmw@%]/;
const MIDDLE = /[<>=+~#^]/;

/** In the drawing's units. */
export function textWidth(text: string): number {
  let ems = 0;
  for (const character of text) ems += widthOf(character);
  return ems * CHART_TEXT_SIZE;
}

function widthOf(character: string): number {
  const code = character.codePointAt(0)!;
  if (code >= 0x1100) return 1;
  if (NARROW.test(character)) return 0.4;
  if (WIDE.test(character)) return 1;
  if (MIDDLE.test(character)) return 0.85;
  return character >= 'A' && character <= 'Z' ? 0.72 : 0.635;
}

/** The text, or as much of its start as fits with `…`. */
export function cutToWidth(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  let kept = '';
  let ems = 1;
  for (const character of text) {
    ems += widthOf(character);
    if (ems * CHART_TEXT_SIZE > room) break;
    kept += character;
  }
  return kept === '' ? '' : `${kept}…`;
}
