/** How many columns of a terminal a text takes. */

/**
 * Ranges that East Asian Width (https://www.unicode.org/reports/tr11/) calls wide or full-width, and emoji, as pairs of
 * first and last code point; small gaps of unassigned characters are taken in.
 */
const WIDE: readonly number[] = [
  0x1100, 0x115f, 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ec, 0x2614, 0x2615, 0x2648, 0x2653, 0x26a1,
  0x26a1, 0x2705, 0x2705, 0x274c, 0x274c, 0x2753, 0x2757, 0x2795, 0x2797, 0x2e80, 0x303e, 0x3041, 0x33ff,
  0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xa000, 0xa4cf, 0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10,
  0xfe19, 0xfe30, 0xfe6f, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18cff, 0x1aff0, 0x1b2ff, 0x1f004,
  0x1f004, 0x1f0cf, 0x1f0cf, 0x1f18e, 0x1f19a, 0x1f200, 0x1f320, 0x1f32d, 0x1f64f, 0x1f680, 0x1f6ff, 0x1f7e0,
  0x1f7f0, 0x1f90c, 0x1faff, 0x20000, 0x3fffd,
];

/** Marks drawn over the character before them. */
const COMBINING = /^[\p{Mn}\p{Me}]$/u;

/** Columns one character takes: 0, 1 or 2. Controls count 1; they should have been made visible before. */
export function characterWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (COMBINING.test(character)) return 0;
  return isWide(code) ? 2 : 1;
}

function isWide(code: number): boolean {
  let low = 0;
  let high = WIDE.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < WIDE[middle * 2]!) high = middle - 1;
    else if (code > WIDE[middle * 2 + 1]!) low = middle + 1;
    else return true;
  }
  return false;
}

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** How many UTF-16 units of the text fit `width` columns, never ending inside a character. */
export function unitsWithin(text: string, width: number): number {
  let used = 0;
  let units = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    units += character.length;
  }
  return units;
}

/** The text in at most `width` columns, the last of them `…` when something was cut off. */
export function cutToWidth(text: string, width: number): string {
  // Most cells are short, and no character takes more than two columns.
  if (text.length * 2 <= width || textWidth(text) <= width) return text;
  return `${text.slice(0, unitsWithin(text, width - 1))}…`;
}
