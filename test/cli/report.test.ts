/** `akashi report` on the command line: slips are told before the work, and who made one is on record. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const PERIOD = ['--from', '2023-11-01', '--to', '2023-12-01'];

const folder = mkdtempSync(join(tmpdir(), 'akashi-cli-report-'));
const lake = join(folder, 'lake');

function akashi(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AKASHI, ...words], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, AKASHI_LAKE: lake, AKASHI_BY: 'alice', NO_COLOR: '1' },
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  writeFileSync(join(folder, 'trail.json'), trailFile(1, 5, 1_700_000_000));
  expect(akashi('collect', join(folder, 'trail.json')).code).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('writes a folder, and who made it is in the chain of custody', { timeout: 60_000 }, () => {
  const { code, out } = akashi('report', 'iso27001', ...PERIOD, '--case', 'AUDIT-1');
  expect(code).toBe(0);
  expect(out).toContain('snapshot 1-');
  const made = join(folder, 'iso27001-2023-11-01-to-2023-12-01');
  for (const name of ['report.html', 'report.pdf', 'report.json', 'assessment-results.json', 'SHA256SUMS'])
    expect(existsSync(join(made, name)), name).toBe(true);
  const custody = akashi('custody', '--case', 'AUDIT-1', '--json');
  expect(custody.out).toContain('report iso27001 from 2023-11-01T00:00:00.000Z to 2023-12-01T00:00:00.000Z');
  // What is there is never written over.
  expect(akashi('report', 'iso27001', ...PERIOD)).toMatchObject({ code: 2 });
});

test.each([
  ['no name', [], /needs the name of one: pci, soc2, iso27001/],
  ['an unknown name', ['hipaa', ...PERIOD], /"hipaa" is no report/],
  ['no period', ['pci'], /--from/],
  [
    'a period that ends before it begins',
    ['pci', '--from', '2024-02-01', '--to', '2024-01-01'],
    /must end after/,
  ],
  ['a value of no question', ['pci', ...PERIOD, '--param', 'nothing.x=1'], /"nothing" is no saved question/],
  [
    'a value for the period',
    ['pci', ...PERIOD, '--param', 'root-use.since=2020-01-01'],
    /by --from and --to/,
  ],
  ['a place inside the lake', ['pci', ...PERIOD, '--out', 'lake/out'], /inside the lake/],
])('refuses %s', { timeout: 30_000 }, (_, words, message) => {
  const { code, err } = akashi('report', ...words);
  expect(code).not.toBe(0);
  expect(err).toMatch(message);
});
