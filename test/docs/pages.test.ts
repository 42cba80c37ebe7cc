import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages } from '../../docs/generate.ts';

test.each(Object.entries(pages()))(
  'docs/%s is what the data says (run `npm run docs` after a change)',
  (name, text) => {
    expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(text);
  },
);

test('no page holds both sides of a merge', () => {
  const root = new URL('../../', import.meta.url).pathname;
  const texts = globSync(['*.md', 'docs/*.md', 'functions/*.md', 'connectors/**/*.md'], {
    cwd: root,
    exclude: ['node_modules', 'cdk.out', 'dist'],
  });
  expect(texts).toContain('functions/README.md');
  const torn = texts.filter((path) => /^(?:<{7}|>{7}) /m.test(readFileSync(root + path, 'utf8')));
  expect(torn).toEqual([]);
});
