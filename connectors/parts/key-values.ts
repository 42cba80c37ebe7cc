/** `key=value` pairs in a line of text: logfmt, firewall and audit lines. */

import { parseAddress } from './address.ts';
import { fold, type NamedValues } from './named-values.ts';

/** Longest beginning of a line that is searched. */
const LONGEST_READ = 32 * 1024;
const MOST_PAIRS = 200;

const PAIR =
  /(?:^|[\s,;(|'])([A-Za-z_@][\w.@-]{0,63})=("(?:[^"\\]|\\.){0,8192}"|'[^'=]{1,256}'|[^\s,;'"()|]{0,1024})/g;

/**
 * Values by folded name. A bare value that another word follows may be cut short (`user=John Smith`), so it counts only
 * where a separator, another pair or the end comes next, or where it is an address.
 */
export function keyValues(line: string): NamedValues {
  const text = line.slice(0, LONGEST_READ);
  const values = new Map<string, unknown>();
  PAIR.lastIndex = 0;
  for (let match = PAIR.exec(text); match !== null && values.size < MOST_PAIRS; match = PAIR.exec(text)) {
    const value = match[2]!;
    const name = fold(match[1]!);
    if (name === '' || values.has(name) || value === '') continue;
    if (value.startsWith('"')) values.set(name, value.slice(1, -1).replace(/\\(["\\])/g, '$1'));
    else if (value.startsWith("'")) values.set(name, value.slice(1, -1));
    else if (isWhole(text, PAIR.lastIndex) || parseAddress(value) !== null) values.set(name, value);
    // The separator before the next key is part of its match.
  }
  return values;
}

/** What follows the value: nothing, a separator, or blanks and another key. */
function isWhole(text: string, at: number): boolean {
  const next = text[at];
  if (next === undefined || next !== ' ') return true;
  return /^ +(?:$|[A-Za-z_@][\w.@-]{0,63}=|[,;)|])/.test(text.slice(at, at + 80));
}
