import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MIXED, SCENARIOS } from '../../rehearse/scenarios.ts';

test('docs/rehearsal.md tells of every scenario there is', () => {
  const page = readFileSync(new URL('../../docs/rehearsal.md', import.meta.url), 'utf8');
  const told = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(told.filter((name) => name !== 'lambda:Invoke').sort()).toEqual(
    [...SCENARIOS, MIXED].map(({ name }) => name).sort(),
  );
});
