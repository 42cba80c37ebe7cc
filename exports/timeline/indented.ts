/** JSON set in lines for reading, every character of it kept: numbers keep their digits, names that are twice stay twice. */

const MOST_DEPTH = 40;

/** Text that is no object or list is given back as it is. Total: broken JSON is set as far as its brackets tell. */
export function indented(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  let depth = 0;
  let out = '';
  let inText = false;
  const newLine = () => `\n${'  '.repeat(Math.min(depth, MOST_DEPTH))}`;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (inText) {
      out += character;
      if (character === '\\') out += text[++at] ?? '';
      else if (character === '"') inText = false;
      continue;
    }
    if (character === '"') {
      inText = true;
      out += character;
    } else if (character === '{' || character === '[') {
      const close = character === '{' ? '}' : ']';
      const rest = /^\s*/.exec(text.slice(at + 1, at + 200))![0].length;
      if (text[at + 1 + rest] === close) {
        out += character + close;
        at += rest + 1;
        continue;
      }
      depth++;
      out += character + newLine();
    } else if (character === '}' || character === ']') {
      depth = Math.max(0, depth - 1);
      out += newLine() + character;
    } else if (character === ',') out += `,${newLine()}`;
    else if (character === ':') out += ': ';
    else if (!/\s/.test(character)) out += character;
  }
  return out;
}
