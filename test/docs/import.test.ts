import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RESULT_STATES, SIGN_STATES } from '../../ledger/lake-results/states.ts';
import { IMPORT_STATES } from '../../stages/imported.ts';

test('docs/import.md explains every verdict there is, as the code does', () => {
  const page = readFileSync(new URL('../../docs/import.md', import.meta.url), 'utf8');
  for (const states of [SIGN_STATES, RESULT_STATES]) {
    const rows = Object.entries(states).map(
      ([state, { level, meaning }]) => `| \`${state}\` | ${level} | ${meaning} |`,
    );
    expect(page).toContain(rows.join('\n'));
  }
});

test('and says what an import is, in the same words', () => {
  const page = readFileSync(new URL('../../docs/import.md', import.meta.url), 'utf8').replaceAll('\n', ' ');
  expect(page).toContain(IMPORT_STATES.IMPORTED.meaning.split(': ')[1]);
});
