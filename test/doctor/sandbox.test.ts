import { expect, test } from 'vitest';
import { examined } from '../../doctor/finding.ts';
import { sandboxExamination } from '../../doctor/sandbox.ts';

const look = (names: Readonly<Record<string, boolean>>) => async () =>
  Object.entries(names).map(([name, active]) => ({ name, active, detail: `of ${name}` }));

test('a barrier that is down is missing, and what puts it up is said', async () => {
  const findings = await examined([
    sandboxExamination(
      look({ 'statement gate': true, 'no network (namespace)': false, 'a newer one': false }),
    ),
  ]);
  expect(findings.map(({ state }) => state)).toEqual(['ok', 'missing', 'missing']);
  expect(findings[0]).toMatchObject({ what: 'statement gate: of statement gate', fix: null });
  expect(findings[1]?.fix).toContain('util-linux');
  expect(findings[2]?.fix).toContain('Linux');
});

test('an examination that fails is a finding beside the others', async () => {
  const findings = await examined([
    { area: 'one', look: () => Promise.reject(new Error('out of\norder')) },
    sandboxExamination(look({ 'statement gate': true })),
  ]);
  expect(findings.map(({ area, state }) => [area, state])).toEqual([
    ['one', 'unknown'],
    ['sandbox', 'ok'],
  ]);
  expect(findings[0]?.what).toBe('it could not be examined: out of order');
});
