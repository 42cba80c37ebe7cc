/** The command line as people and scripts meet it: real processes, exit codes, output. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { columnsText } from '../../cli/query-plan.ts';
import { questions } from '../../queries/question.ts';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));

let folder: string;
let lake: string;

function akashi(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AKASHI, ...words], {
    encoding: 'utf8',
    env: { ...process.env, AKASHI_LAKE: lake, NO_COLOR: '1' },
  });
  return { code: status, out: stdout, err: stderr };
}

const json = (...words: string[]) => JSON.parse(akashi(...words, '--json').out) as Record<string, never>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-cli-'));
  lake = join(folder, 'lake');
  expect(akashi('collect', SAMPLES).code).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('help and usage', () => {
  test('every command has help with an example', () => {
    const { code, out } = akashi('help');
    expect(code).toBe(0);
    for (const { name, summary } of commands) expect(out).toContain(`${name.padEnd(8)}`.trim() && summary);
    for (const { name } of commands.slice(0, 2))
      expect(akashi(name, '--help').out).toMatch(/usage: akashi .*examples:\n {2}akashi /s);
  });

  test('a plan names few columns, and of many says how many more', () => {
    expect(columnsText(['time', 'uid'])).toBe('time, uid');
    expect(columnsText([...'abcdefghi'])).toBe('a, b, c, d, e, f, g, h, i');
    expect(columnsText([...'abcdefghij'])).toBe('a, b, c, d, e, f, g, h and 2 more');
  });

  test('examples name saved questions that are there, and mean in a shell what they say', () => {
    const names = new Set(questions().map(({ name }) => name));
    for (const example of commands.flatMap(({ examples }) => examples)) {
      for (const [, name] of example.matchAll(/--name (\S+)/g)) expect(names).toContain(name);
      // Between double quotes a shell puts its own variable in the place of $ip.
      for (const [quoted] of example.matchAll(/"[^"]*"/g)) expect(quoted).not.toContain('$');
    }
  });

  test.each([
    [['colect', 'x'], 'did you mean "collect"?'],
    [['collect'], 'at least one path'],
    [['query'], 'needs SQL'],
    [['query', 'select', '1'], 'in quotes'],
    [['query', 'select 1', '--format', 'xml'], 'no format'],
    [['query', 'select 1', '--max-rows', 'many'], 'whole number from 1'],
    [['query', 'select 1', '--frmat', 'csv'], '--frmat'],
    [['columns', 'nope'], 'is no table'],
    [['help', 'colect'], 'did you mean "collect"?'],
    [
      ['stamp', '/another/lake'],
      'takes no words, but "/another/lake" was given. The lake is named with --lake',
    ],
    [['verify', '/another/lake'], 'A lake is named with --lake'],
    [['coverage', '--source', 'aws.cloudtrial'], 'is no source'],
    [['verify', '--known', '/nowhere/at/all/head'], 'there is no folder'],
    [['export', '--format', 'ocsf', '--out', '/nowhere/at/all/a.jsonl'], 'there is no folder'],
    [['columns', '--lake', ''], '--lake takes'],
  ])('%j is wrong usage: exit code 2', (words, said) => {
    const { code, out, err } = akashi(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  test.each([
    [['collect', '/nowhere/at/all'], 'PATH_MISSING'],
    [['collect', SAMPLES, '--source', 'aws.cloudtrial'], 'SOURCE_UNKNOWN'],
    [['query', 'select 1', '--lake', '/nowhere/at/all'], 'LAKE_MISSING'],
    [['query', 'selec 1'], 'SQL_SYNTAX'],
    [['query', 'select nope from events'], 'SQL_INVALID'],
    [['query', 'select * from nope'], 'SQL_UNKNOWN_TABLE'],
    [['query', "copy events to '/tmp/out.csv'"], 'SQL_NOT_ALLOWED'],
    [['query', "select * from read_text('/etc/passwd')"], 'SQL_NOT_ALLOWED'],
    [['query', 'set threads = 1'], 'SQL_NOT_ALLOWED'],
    [['query', 'install httpfs'], 'SQL_NOT_ALLOWED'],
    [['query', '--name', 'nope'], 'QUESTION_UNKNOWN'],
    [['query', '--name', 'who-did-what', '--param', 'whom=x'], 'QUESTION_PARAMETER'],
    [['query', 'select $x'], 'SQL_PARAMETER'],
  ])(
    '%j fails with a code: exit code 1',
    (words, code) => {
      const plain = akashi(...words);
      expect({ code: plain.code, out: plain.out }).toEqual({ code: 1, out: '' });
      expect(plain.err).toContain(`[${code}]`);
      expect(json(...words)['error']).toMatchObject({ code });
    },
    30_000,
  );
});

describe('the walk', () => {
  test('an empty folder is said to be empty, and is no failure', () => {
    const { code, out } = akashi('collect', mkdtempSync(join(folder, 'empty-')));
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('no file was found there') });
  });

  test('collect says what it did, and again that there is nothing to do', () => {
    const again = json('collect', SAMPLES);
    expect(again).toMatchObject({
      objects: 0,
      records: 0,
      duplicateObjects: 17,
      checkpoint: { size: expect.any(Number) },
    });
  });

  test('records = events + flows + skipped + unreadable, per source and in the evidence table', () => {
    const { rows } = json(
      'query',
      'select source, sum(records) r, sum(events + flows + skipped + unreadable) s from evidence group by 1',
    );
    expect(rows).toHaveLength(14);
    for (const { r, s } of rows as unknown as { r: number; s: number }[]) expect(r).toBe(s);
  });

  test.each([
    'events',
    'flows',
    'timeline',
    'quarantine',
    'evidence',
    'events_all',
    'aws_cloudtrail',
    'azure_activity',
    'gcp_audit',
  ])('%s can be asked', (view) => {
    const { code, err } = akashi('query', `select * from ${view} limit 3`, '--format', 'ndjson');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('verify finds a lake intact, and a changed byte by name', () => {
    expect(akashi('verify', '--deep', '--rederive').code).toBe(0);
    const { rows } = json(
      'query',
      "select 'vault/evidence/' || source || '/' || left(sha256, 2) || '/' || sha256 as key from evidence where source = 'linux.auth'",
    );
    const path = join(lake, (rows as unknown as { key: string }[])[0]!.key);
    const bytes = readFileSync(path);
    const changed = Buffer.from(bytes);
    changed[100]! ^= 1;
    rmSync(path);
    writeFileSync(path, changed);
    const found = json('verify', '--deep');
    expect(found).toMatchObject({
      ok: false,
      problems: [{ code: 'ALTERED', key: expect.stringContaining('evidence/linux.auth/') }],
    });
    expect(akashi('verify', '--deep').code).toBe(1);
    rmSync(path);
    writeFileSync(path, bytes);
  });
});

describe('log content cannot act', () => {
  beforeAll(() => {
    const event = {
      eventVersion: '1.08',
      eventTime: '2024-03-12T08:00:00Z',
      eventSource: 's3.amazonaws.com',
      eventName: 'GetObject',
      awsRegion: 'x',
      userAgent: '=HYPERLINK("http://203.0.113.66","x")',
      sourceIPAddress: '\u001b]0;owned\u0007\u001b[2J',
      eventID: 'evil',
      userIdentity: { type: 'IAMUser', userName: '\u202egnp.exe' },
    };
    writeFileSync(join(folder, 'evil.json'), JSON.stringify({ Records: [event] }));
    expect(akashi('collect', join(folder, 'evil.json')).code).toBe(0);
  });

  test.each(['table', 'json', 'ndjson', 'csv'])('%s shows it and stays inert', (format) => {
    const { out } = akashi(
      'query',
      "select user_agent, src_host, actor_name from events where uid = 'evil'",
      '--format',
      format,
    );
    expect(out).toContain('HYPERLINK');
    if (format !== 'csv') expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    else expect(out).toContain(`"'=HYPERLINK(`);
  });
});

test('parquet is written where it is asked for and nowhere else', () => {
  const out = join(folder, 'flows.parquet');
  expect(json('query', 'select * from flows', '--format', 'parquet', '--out', out)).toMatchObject({
    rowCount: 18,
  });
  expect(readFileSync(out).subarray(0, 4).toString()).toBe('PAR1');
});
