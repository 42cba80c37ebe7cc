/** Log fields are written by strangers: on a terminal nothing of them may act. */

/**
 * Controls (escape sequences start with one), format characters such as the marks that reorder text, line and paragraph
 * separators, halves of surrogate pairs, and all that a terminal may draw as nothing. Unicode's own classes:
 * https://www.unicode.org/reports/tr44/#General_Category_Values and Default_Ignorable_Code_Point there.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Characters of `UNSEEN` as JSON escapes, in text that is JSON already: the same value, but nothing that acts. */
export const visibleJson = (json: string): string =>
  json.replace(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, with everything that could drive a terminal or hide shown as `\x1b`, `\n` or `\u{202e}`. */
export const visible = (text: string): string => text.replace(UNSEEN, shown);

function shown(character: string): string {
  const code = character.codePointAt(0)!;
  if (character in SHORT) return SHORT[character]!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
