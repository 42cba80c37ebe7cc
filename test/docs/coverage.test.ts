import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UNIT_STATES, UNIT_VERDICTS } from '../../ledger/coverage/states.ts';

test('docs/coverage.md explains every state and verdict there is, as the code does', () => {
  const page = readFileSync(new URL('../../docs/coverage.md', import.meta.url), 'utf8');
  const states = Object.entries(UNIT_STATES).map(([state, meaning]) => `| \`${state}\` | ${meaning} |`);
  const verdicts = Object.entries(UNIT_VERDICTS).map(
    ([verdict, { claims, meaning }]) => `| \`${verdict}\` | ${claims ? 'yes' : 'no'} | ${meaning} |`,
  );
  expect(page).toContain(states.join('\n'));
  expect(page).toContain(verdicts.join('\n'));
});
