import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages } from '../../docs/generate.ts';

test.each(Object.entries(pages()))(
  'docs/%s is what the data says (run `npm run docs` after a change)',
  (name, text) => {
    expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(text);
  },
);
