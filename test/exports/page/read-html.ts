/** Reads our own HTML strictly: what does not look exactly as `renderHtml` writes it is an error, not something to forgive. */

export interface ReadHtml {
  /** Tags in order, as written. */
  readonly tags: readonly string[];
  /** Text of elements and of `title` and `aria-label`, entities resolved. */
  readonly texts: readonly string[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const resolved = (text: string): string => {
  if (/[<>"']/.test(text)) throw new Error(`bare markup in ${JSON.stringify(text.slice(0, 80))}`);
  return text.replace(/&[^;]*;?/g, (entity) => {
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error(`${JSON.stringify(entity)} is no entity of ours`);
    return character;
  });
};

const TAG = /<(\/?[a-zA-Z][\w]*|!DOCTYPE)((?: [\w-]+(?:="[^"<>]*")?)*)\s*\/?>/y;

export function readHtml(html: string): ReadHtml {
  const tags: string[] = [];
  const texts: string[] = [];
  for (let at = 0; at < html.length; ) {
    if (html[at] === '<') {
      TAG.lastIndex = at;
      const match = TAG.exec(html);
      if (match === null) throw new Error(`no tag of ours: ${JSON.stringify(html.slice(at, at + 80))}`);
      tags.push(match[1]!);
      for (const [, value] of match[2]!.matchAll(/="([^"]*)"/g))
        if (match[1] !== 'meta') texts.push(resolved(value!));
      at = TAG.lastIndex;
      if (match[1] === 'style') at = html.indexOf('</style>', at);
      continue;
    }
    const end = html.indexOf('<', at);
    texts.push(resolved(html.slice(at, end === -1 ? html.length : end)));
    at = end === -1 ? html.length : end;
  }
  return { tags, texts };
}
