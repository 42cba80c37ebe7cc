import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../infra/configuration.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/deploy.md', root), 'utf8');
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  scripts: Record<string, string>;
};

test('the configuration that docs/deploy.md shows is one that is taken', () => {
  const [, shown] = /^```json\n(.*?)^```/ms.exec(page)!;
  expect(readConfiguration(JSON.parse(shown!), 'docs/deploy.md')).toMatchObject({
    retention: 2557,
    mode: 'compliance',
  });
});

test('the smallest example is a trial', () => {
  const example = JSON.parse(readFileSync(new URL('infra/example/trial.json', root), 'utf8'));
  expect(readConfiguration(example, 'trial.json')).toMatchObject({
    trial: true,
    mode: 'governance',
    retention: 1,
  });
});

test('every script that the page names is there', () => {
  for (const [, script] of page.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(script!);
});
