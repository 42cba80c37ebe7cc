/** `akashi timeline` and cut answers as people and scripts meet them: real processes, exit codes, files. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTimesketch } from '../exports/timeline/timesketch-reader.ts';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'akashi-timeline-cli-'));
const lake = join(folder, 'lake');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function akashi(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AKASHI, ...words], {
    encoding: 'utf8',
    env: { ...process.env, AKASHI_LAKE: lake, NO_COLOR: '1', COLUMNS: '120' },
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  expect(akashi('collect', SAMPLES).code).toBe(0);
});

test('one run: the page is written, the deed is on record, nothing else is said', () => {
  const out = join(folder, 'incident.html');
  const run = akashi(
    'timeline',
    '--ip',
    '203.0.113.66',
    '--format',
    'html',
    '--out',
    out,
    '--case',
    'case 7',
  );
  expect(run).toEqual({ code: 0, out: '', err: `67 lines and 0 gaps written to ${out}\n` });
  expect(readFileSync(out, 'utf8')).toContain('<h1>Timeline of case 7</h1>');
  const custody = JSON.parse(akashi('custody', '--json').out) as { records: Record<string, unknown>[] };
  const record = custody.records.find(({ subject }) => subject === 'timeline');
  expect(record).toMatchObject({ action: 'export', case: 'case 7', rows: 67 });
  expect(JSON.parse(String(record!['parameters']))).toEqual({ ip: ['203.0.113.66'], format: 'html', out });
});

test('a limit: exit code 3, what is there is whole, and it is said on stderr', () => {
  const { code, out, err } = akashi(
    'timeline',
    '--actor',
    'alice',
    '--max-lines',
    '2',
    '--format',
    'jsonl',
    '--direct',
  );
  expect(code).toBe(3);
  expect(readTimesketch(out, 'jsonl')).toHaveLength(2);
  expect(err).toMatch(/only the first 2 of \d+ lines are here/);
});

test.each([
  [[], 'needs somebody or something'],
  [['--ip', 'mallory'], 'takes one address'],
  [['--actor', 'm'], 'two letters'],
  [['--actor', ''], '"" was given'],
  [['--actor', 'mallory', '--since', '2024-03-13', '--until', '2024-03-12'], 'before --until'],
  [['--actor', 'mallory', '--format', 'xml'], 'no format'],
  [['--actor', 'mallory', '--out', '/nowhere/at/all/a.html'], 'there is no folder'],
  [['--actor', 'mallory', '--out', join(lake, 'a.csv')], 'inside the lake'],
])('timeline %j is wrong usage', (words, said) => {
  const { code, out, err } = akashi('timeline', ...words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(said);
  expect(existsSync(join(lake, 'a.csv'))).toBe(false);
});

describe('a cut answer of a query', () => {
  test.each(['table', 'csv', 'ndjson'])('as %s has exit code 3', (format) => {
    const { code, out } = akashi('query', 'select uid from events', '--max-rows', '2', '--format', format);
    expect(code).toBe(3);
    expect(out).not.toBe('');
  });

  test('as JSON says so in it as well', () => {
    const { code, out } = akashi('query', 'select 1 union all select 2', '--max-rows', '1', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ truncated: 'rows', rowCount: 1 });
  });

  test('one that fits exactly is whole', () => {
    expect(akashi('query', 'select 1', '--max-rows', '1').code).toBe(0);
  });
});

test('the columns of the view timeline are those that it has', () => {
  const described = JSON.parse(akashi('query', 'describe timeline', '--json').out) as {
    rows: { column_name: string }[];
  };
  const listed = JSON.parse(akashi('columns', 'timeline', '--json').out) as { timeline: { name: string }[] };
  expect(listed.timeline.map(({ name }) => name)).toEqual(described.rows.map((row) => row.column_name));
  expect(akashi('columns', 'timeline').out).toContain('event or flow.');
});
