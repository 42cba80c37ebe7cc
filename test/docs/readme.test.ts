import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';

const ROOT = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', ROOT), 'utf8');

test('README.md names every command', () => {
  expect(commands.map(({ name }) => name).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('README.md leads to every page of docs/, and to none that is not there', () => {
  const linked = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  expect(linked.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  const docs = readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md'));
  expect(docs.filter((name) => !linked.includes(`docs/${name}`))).toEqual([]);
});
