import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DIGEST_STATES, LOG_STATES } from '../../ledger/digests/states.ts';

test('docs/digests.md explains every verdict there is, as the code does', () => {
  const page = readFileSync(new URL('../../docs/digests.md', import.meta.url), 'utf8');
  const rows = [DIGEST_STATES, LOG_STATES].map((states) =>
    Object.entries(states).map(([state, { level, meaning }]) => `| \`${state}\` | ${level} | ${meaning} |`),
  );
  for (const list of rows) expect(page).toContain(list.join('\n'));
});
