import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { POINTS } from '../../ledger/timestamps/points.ts';

test('docs/timestamps.md explains every reason to refuse a time-stamp, as the code does', () => {
  const page = readFileSync(new URL('../../docs/timestamps.md', import.meta.url), 'utf8');
  const rows = Object.entries(POINTS).map(
    ([code, { point, meaning }]) => `| ${point} | \`${code}\` | ${meaning} |`,
  );
  expect(page).toContain(rows.join('\n'));
});
