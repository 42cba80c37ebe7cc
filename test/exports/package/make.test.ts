/** Evidence packages: what they hold, that strangers can check them, and what is refused. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MadePackage } from '../../../exports/package/make.ts';
import { checkOutput } from '../../../exports/package/place.ts';
import { codeOf } from '../../vault/scratch.ts';
import { filesOf, hasTools, packageLake, stranger } from './package-lake.ts';

const own = packageLake();
const asked = (sql: string) => ({ asked: { name: null, title: null, sql, parameters: {} } });
const json = (...path: string[]) => JSON.parse(readFileSync(own.at(...path), 'utf8'));
const lines = (...path: string[]) =>
  readFileSync(own.at(...path), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

let made: MadePackage;
beforeAll(async () => {
  made = await own.make('whole', { ...own.recorded('INC-1'), forms: new Set(['csv', 'parquet', 'ocsf']) });
}, 240_000);

test('holds the answer, the rows and records behind it, evidence, proofs, coverage and counts', () => {
  const names = filesOf(own.at('whole'));
  expect(names.filter((name) => !name.startsWith('data/evidence/'))).toEqual(
    [
      'README.txt',
      'bag-info.txt',
      'bagit.txt',
      'custody/record.json',
      'custody/record.tlog-proof',
      'data/about.json',
      'data/cover.html',
      'data/cover.pdf',
      'data/coverage.json',
      'data/query.sql',
      'data/records/index.jsonl',
      ...['answer', 'events', 'flows'].flatMap((name) =>
        ['csv', 'jsonl', 'parquet'].map((form) => `data/rows/${name}.${form}`),
      ),
      'data/rows/ocsf.jsonl',
      'manifest-sha256.txt',
      'proofs/checkpoint',
      'proofs/entries.jsonl',
      'proofs/ledger.vkey',
      'tagmanifest-sha256.txt',
      'verify.py',
    ].sort(),
  );
  const about = json('whole', 'data', 'about.json');
  const { answer, index } = {
    answer: lines('whole', 'data', 'rows', 'answer.jsonl'),
    index: lines('whole', 'data', 'records', 'index.jsonl'),
  };
  expect(answer.length).toBeGreaterThan(45);
  expect(index).toHaveLength(answer.length);
  expect(about).toMatchObject({ records: { count: answer.length, bodies: 4 }, madeFor: { case: 'INC-1' } });
  expect(about.source.taken).toBe(about.source.events + about.source.flows);
  expect(names.filter((name) => name.startsWith('data/evidence/'))).toHaveLength(4);
  expect(made).toMatchObject({ custody: 'sealed', files: names.length });
  expect(json('whole', 'custody', 'record.json').result).toContain(made.manifestSha256);
});

describe.skipIf(!hasTools)('a stranger with python3 and openssl', () => {
  test.each(['slices', 'texts'] as const)('accepts a package of %s', async (mode) => {
    await own.make(mode, { mode });
    expect(stranger(own.at(mode), own.vkey)).toMatchObject({
      ok: true,
      said: expect.stringContaining('no signature covers the rows'),
    });
  });

  test('accepts one of the answer alone, and one that says that nothing matched', async () => {
    await own.make('alone', {
      mode: 'none',
      ...asked('select action, count(*) as n from events group by 1 order by 1'),
    });
    expect(stranger(own.at('alone'), own.vkey).said).toContain('\nOK');
    await own.make('empty', { allowEmpty: true, ...asked("select * from events where uid = 'nobody'") });
    expect(stranger(own.at('empty'), own.vkey).said).toContain('\nOK');
  });

  test('can follow README.txt word by word, in an empty folder', () => {
    mkdirSync(own.at('elsewhere'));
    cpSync(own.at('whole'), own.at('elsewhere', 'package'), { recursive: true });
    cpSync(own.vkey, own.at('elsewhere', 'trusted.vkey'));
    const text = readFileSync(own.at('elsewhere', 'package', 'README.txt'), 'utf8');
    const commands = text
      .split('\n\n')
      .map((block) => block.split('\n'))
      .filter(([first]) => /^ {2}(sha256sum|python3|openssl|for |T=)/.test(first!))
      .map((block) => block.join('\n'));
    const said = commands.map((command) =>
      spawnSync('sh', ['-e', '-c', command], { cwd: own.at('elsewhere', 'package'), encoding: 'utf8' }),
    );
    expect(said.map(({ status, stderr }) => [status, stderr])).toEqual(commands.map(() => [0, '']));
    expect(commands).toHaveLength(5);
    expect(said[0]!.stdout).toContain("the log's custody record vouches for every file under data/");
    expect(said.slice(1, 3).map(({ stdout }) => stdout)).toEqual(['', '']);
    expect(said[3]!.stdout).toContain('Signature Verified Successfully');
    const [left, right] = said[4]!.stdout.trim().split('\n');
    expect(left).toBe(right);
    expect(stranger(own.at('elsewhere', 'package'), own.vkey).ok).toBe(true);
  });

  test('refuses a package of another log by the key it trusts', () => {
    const other = readFileSync(own.vkey, 'utf8').replace(
      /\+[^+]*\n/,
      '+AZP0YE0+nOxnnBJ60TLXNGkb1hTB3WJhT4wY7rLiTrv9\n',
    );
    writeFileSync(own.at('other.vkey'), other);
    expect(stranger(own.at('whole'), own.at('other.vkey')).ok).toBe(false);
  });
});

test('log text names no file, drives no terminal, and is no formula', () => {
  for (const name of filesOf(own.at('whole'))) expect(name).toMatch(/^[A-Za-z0-9._/-]+$/);
  for (const name of [
    'data/about.json',
    'data/cover.html',
    'data/records/index.jsonl',
    'data/rows/answer.jsonl',
    'README.txt',
  ])
    expect(readFileSync(own.at('whole', name), 'utf8')).not.toMatch(/[\u001b\u202e]/);
  const csv = readFileSync(own.at('whole', 'data', 'rows', 'events.csv'), 'utf8');
  expect(csv).toContain(`"'=cmd|""/c calc""!A1`);
  expect(csv).not.toMatch(/(^|,|\n)"?=cmd/);
});

test('the same question at the same snapshot gives the same bytes', async () => {
  const zip = (path: string) => own.make(path, { output: { kind: 'zip', path: own.at(path) } });
  const [one, two] = [await zip('one.zip'), await zip('two.zip')];
  expect(one.manifestSha256).toBe(two.manifestSha256);
  expect(readFileSync(own.at('one.zip')).equals(readFileSync(own.at('two.zip')))).toBe(true);
});

test.each([
  ['an answer that leads to no record', 'EXPORT_NOT_ROWS', asked('select count(*) from events')],
  ['an answer without rows', 'PACKAGE_NO_ROWS', asked("select * from events where uid = 'nobody'")],
  [
    'rows that differ each time',
    'PACKAGE_ROWS_DIFFER',
    { mode: 'none' as const, ...asked('select uid from events, range(100000) where random() < 0.5') },
  ],
  ['SQL that is none', 'SQL_SYNTAX', asked('selekt')],
])('%s is refused with %s, and nothing is left behind', async (_, code, more) => {
  const before = filesOf(own.folder).length;
  expect(await codeOf(own.make('refused', more))).toBe(code);
  expect(filesOf(own.folder)).toHaveLength(before);
});

test('evidence that is not what was sealed is not given out', async () => {
  const altered = {
    ...own.lake,
    vault: {
      ...own.lake.vault,
      async *openRead(key: string) {
        for await (const chunk of own.lake.vault.openRead(key)) yield chunk.with(0, chunk[0]! ^ 1);
      },
    },
  };
  expect(await codeOf(own.make('altered', { lake: altered }))).toBe('PACKAGE_CHANGED');
});

test('nothing is replaced, and an empty folder is filled', async () => {
  mkdirSync(own.at('full', 'x'), { recursive: true });
  mkdirSync(own.at('new'));
  const folder = (path: string) => ({ kind: 'folder' as const, path: own.at(path) });
  expect(await codeOf(checkOutput(folder('full')))).toBe('PACKAGE_EXISTS');
  expect(await codeOf(checkOutput({ ...folder('new'), kind: 'zip' }))).toBe('PACKAGE_EXISTS');
  await checkOutput(folder('new'));
});
