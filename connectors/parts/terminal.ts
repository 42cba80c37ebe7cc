/** What a terminal shows of a line that was written to it: editing keys and escape sequences carried out, not printed. */

/** Longest line that is played back; the rest is taken as it stands. */
const LONGEST_PLAYED = 64 * 1024;
/** Widest movement that is believed; terminals have a few hundred columns. */
const WIDEST = 4096;

/**
 * Backspaces, carriage returns and the cursor and erase sequences that shells use while a command is typed
 * (https://www.xfree86.org/current/ctlseqs.html); colours, titles and the rest are dropped. Linear in the line's length.
 */
export function shownText(line: string): string {
  if (!/[\x00-\x1f\x7f]/.test(line)) return line;
  const cells: string[] = [];
  let cursor = 0;
  const end = Math.min(line.length, LONGEST_PLAYED);
  for (let at = 0; at < end; at++) {
    const char = line[at]!;
    if (char === '\x1b') {
      const sequence = escapeAt(line, at);
      at = sequence.end - 1;
      cursor = carriedOut(cells, cursor, sequence);
    } else if (char === '\b') cursor = Math.max(0, cursor - 1);
    else if (char === '\r') cursor = 0;
    else if (char === '\t' || char >= ' ') {
      if (char === '\x7f') continue;
      while (cells.length < cursor) cells.push(' ');
      cells[cursor++] = char;
    }
  }
  return cells.join('') + line.slice(end);
}

interface Sequence {
  /** Final character of a control sequence, or '' for any other escape. */
  readonly final: string;
  readonly parameter: number | null;
  readonly end: number;
}

const CONTROL = /\x1b\[([\d;?<=>!]{0,64})([ -/]{0,4})([@-~])/y;
const COMMAND = /\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)/y;

function escapeAt(line: string, at: number): Sequence {
  CONTROL.lastIndex = at;
  const control = CONTROL.exec(line);
  if (control !== null) {
    const first = /^\d{1,4}/.exec(control[1]!);
    const parameter = first === null ? null : Number(first[0]);
    return { final: control[3]!, parameter, end: CONTROL.lastIndex };
  }
  COMMAND.lastIndex = at;
  if (COMMAND.test(line)) return { final: '', parameter: null, end: COMMAND.lastIndex };
  // A lone escape takes the character after it, or nothing at the line's end.
  return { final: '', parameter: null, end: Math.min(line.length, at + 2) };
}

function carriedOut(cells: string[], cursor: number, { final, parameter }: Sequence): number {
  const count = Math.min(WIDEST, Math.max(1, parameter ?? 1));
  switch (final) {
    case 'C':
      return Math.min(cursor + count, cells.length);
    case 'D':
      return Math.max(0, cursor - count);
    case 'G':
      return Math.min(count - 1, cells.length);
    case 'K':
      if (parameter === 2) cells.length = 0;
      else if (parameter === 1) cells.fill(' ', 0, Math.min(cursor + 1, cells.length));
      else cells.length = Math.min(cells.length, cursor);
      return cursor;
    case 'P':
      cells.splice(cursor, count);
      return cursor;
    case '@':
      cells.splice(cursor, 0, ...new Array<string>(Math.min(count, 256)).fill(' '));
      return cursor;
    default:
      return cursor;
  }
}
