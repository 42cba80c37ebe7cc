/** Pointing at a place in a SQL text. */

/** Longest excerpt of a line, in characters. */
const EXCERPT = 72;

/**
 * `line 2, column 7: message` and below it that line with a caret under the place.
 *
 * @param offset UTF-8 byte offset as DuckDB counts; anything out of range leaves the place out.
 */
export function placeInText(sql: string, offset: number, message: string): string {
  const bytes = Buffer.from(sql);
  if (!Number.isInteger(offset) || offset < 0 || offset > bytes.length) return message;
  const before = bytes.toString('utf8', 0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const column = [...before.slice(lineStart)].length + 1;
  const text = [...(sql.slice(lineStart).split('\n')[0] ?? '')].map((c) => (c < ' ' ? ' ' : c));
  const from = Math.max(0, column - 1 - EXCERPT / 2);
  const excerpt = text.slice(from, from + EXCERPT).join('');
  return `line ${line}, column ${column}: ${message}\n  ${excerpt}\n  ${' '.repeat(column - 1 - from)}^`;
}
