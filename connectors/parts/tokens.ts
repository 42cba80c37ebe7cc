/** Cuts a log line into its fields, in one pass over the line. */

export interface Token {
  /** Without its quotes or brackets, escapes undone. */
  readonly text: string;
  readonly kind: 'bare' | 'quoted' | 'bracketed';
}

/** Longest beginning of a line that is cut up; no server writes longer fields than that before its own. */
const LONGEST_READ = 64 * 1024;
const MOST_TOKENS = 80;

/** Fields separated by blanks; `"…"` with backslash escapes and `[…]` may hold blanks. */
export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  const end = Math.min(line.length, LONGEST_READ);
  let at = 0;
  while (at < end && tokens.length < MOST_TOKENS) {
    const char = line[at];
    if (char === ' ' || char === '\t') {
      at++;
    } else if (char === '"') {
      const [text, next] = quoted(line, at + 1, end);
      tokens.push({ text, kind: 'quoted' });
      at = next;
    } else if (char === '[') {
      const close = line.indexOf(']', at);
      const stop = close < 0 || close >= end ? end : close;
      tokens.push({ text: line.slice(at + 1, stop), kind: 'bracketed' });
      at = stop + 1;
    } else {
      let stop = at;
      while (stop < end && line[stop] !== ' ' && line[stop] !== '\t') stop++;
      tokens.push({ text: line.slice(at, stop), kind: 'bare' });
      at = stop;
    }
  }
  return tokens;
}

function quoted(line: string, from: number, end: number): [text: string, next: number] {
  let stop = from;
  let escaped = false;
  while (stop < end && line[stop] !== '"') {
    if (line[stop] === '\\') {
      escaped = true;
      stop++;
    }
    stop++;
  }
  const text = line.slice(from, Math.min(stop, end));
  return [escaped ? text.replace(/\\(["\\])/g, '$1') : text, stop + 1];
}

/** `a,"b,c","d ""e"""` → its fields; quotes are doubled inside quotes. */
export function csvFields(line: string, most: number): string[] {
  const fields: string[] = [];
  const end = Math.min(line.length, LONGEST_READ);
  let at = 0;
  while (at <= end && fields.length < most) {
    if (line[at] === '"') {
      let text = '';
      let from = at + 1;
      for (;;) {
        const close = line.indexOf('"', from);
        if (close < 0) {
          text += line.slice(from);
          at = line.length + 1;
          break;
        }
        text += line.slice(from, close);
        if (line[close + 1] === '"') {
          text += '"';
          from = close + 2;
          continue;
        }
        at = close + 2;
        break;
      }
      fields.push(text);
    } else {
      const comma = line.indexOf(',', at);
      const stop = comma < 0 ? line.length : comma;
      fields.push(line.slice(at, stop));
      at = stop + 1;
    }
  }
  return fields;
}
