/** `akashi export` and `akashi verify` of evidence packages, as people meet them. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { main } from '../../cli/main.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

/** The exit code and what was said, on stdout and stderr together. */
async function akashi(...words: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const hear = (text: unknown) => {
    // Node's own warnings are no part of what a command says.
    if (!String(text).startsWith('(node:')) said += String(text);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(hear),
  );
  try {
    return { code: await main([...words, ...(words[0] === 'verify' ? [] : ['--lake', at('lake')])]), said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-cli-package-'));
  writeFileSync(at('trail.json'), trailFile(1, 5, 1_700_000_000));
  expect((await akashi('collect', at('trail.json'))).code).toBe(0);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a package for a case: made, encrypted, verified, on record; altered, it is refused', async () => {
  const identity = await generateIdentity();
  writeFileSync(at('id'), `# a comment\n${identity}\n`);
  const to = ['--encrypt-to', await identityToRecipient(identity)];
  const made = await akashi(
    'export',
    '--since',
    '2023-11-01',
    '--case',
    'INC-1',
    '--out',
    at('out.age'),
    ...to,
  );
  expect(made).toEqual({
    code: 0,
    said: expect.stringMatching(/^5 rows and 5 records of 1 evidence object in .*encrypted to 1 recipient/),
  });
  const key = ['--public-key', at('lake', 'ledger.vkey')];
  const good = await akashi('verify', at('out.age'), '--identity', at('id'), ...key);
  expect(good).toEqual({
    code: 0,
    said: expect.stringContaining('the ledger itself vouches for every file under data/'),
  });
  const custody = await akashi('custody', '--case', 'INC-1', '--json');
  expect(JSON.parse(custody.said).records).toMatchObject([
    {
      action: 'export',
      rows: 5,
      result: expect.stringMatching(/^package with manifest-sha256\.txt of SHA-256 /),
      index: expect.any(Number),
    },
  ]);
  const bytes = readFileSync(at('out.age'));
  writeFileSync(at('altered.age'), bytes.with(bytes.length - 500, bytes.at(-500)! ^ 1));
  expect(await akashi('verify', at('altered.age'), '--identity', at('id'))).toEqual({
    code: 1,
    said: expect.stringContaining('[PACKAGE_UNREADABLE]'),
  });
  expect(await akashi('verify', at('out.age'))).toEqual({
    code: 1,
    said: expect.stringContaining('--identity'),
  });
  writeFileSync(at('other'), await generateIdentity());
  expect(await akashi('verify', at('out.age'), '--identity', at('other'))).toEqual({
    code: 1,
    said: expect.stringContaining('[PACKAGE_NOT_FOR_YOU]'),
  });
  expect(await akashi('verify', at('out.age'), '--identity', at('trail.json'))).toEqual({
    code: 1,
    said: expect.stringContaining('[PACKAGE_IDENTITY]'),
  });
}, 240_000);

test('a saved question as a folder; --json has every problem of one that was altered', async () => {
  const words = ['--name', 'who-did-what', '--param', 'who=arn', '--rows', 'csv', '--records', 'slices'];
  expect((await akashi('export', ...words, '--out', at('package'))).said).toContain(
    'no signature covers the rows',
  );
  expect((await akashi('verify', at('package'))).code).toBe(0);
  writeFileSync(at('package', 'data', 'query.sql'), 'select 1');
  const { code, said } = await akashi('verify', at('package'), '--json');
  expect([code, JSON.parse(said).problems[0]]).toEqual([
    1,
    expect.objectContaining({ code: 'ALTERED', key: 'data/query.sql' }),
  ]);
}, 240_000);

test.each([
  [['--name', 'nobody-asks-this'], 1, 'QUESTION_UNKNOWN'],
  [['--sql', 'select * from events', '--encrypt-to', 'age1nobody'], 1, 'PACKAGE_RECIPIENT'],
  [['--sql', 'select * from events', '--encrypt-to', 'AGE-SECRET-KEY-1QQQ'], 1, 'AGE-SECRET-KEY-…'],
  [['--sql', 'select * from events where uid is null'], 1, 'PACKAGE_NO_ROWS'],
  [['--sql', 'select count(*) from events'], 1, '--records none'],
  [['--sql', 'select 1', '--records', 'some'], 2, '--records takes originals, slices, none'],
  [['--sql', 'select 1', '--rows', 'xml'], 2, 'xml'],
  [[], 2, 'a package needs a question'],
])(
  'export %j is refused with exit code %i, and nothing is left',
  async (words, code, text) => {
    const { code: found, said } = await akashi('export', ...words, '--out', at('refused'));
    expect([found, said]).toEqual([code, expect.stringContaining(text)]);
    expect(said).not.toContain('1QQQ');
    expect(existsSync(at('refused'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  },
  240_000,
);

test('places and words that are off', async () => {
  mkdirSync(at('full', 'x'), { recursive: true });
  const sql = ['--sql', 'select * from events'];
  const said = async (...words: string[]) => (await akashi(...words)).said;
  expect(await said('export', ...sql, '--out', at('full'))).toContain('[PACKAGE_EXISTS]');
  expect(await said('export', ...sql, '--out', at('nowhere', 'x'))).toContain('there is no folder');
  expect(await said('export', ...sql, '--out', at('lake', 'x'))).toContain('inside the lake');
  expect(await said('export', '--iceberg', at('lake', 'x'))).toContain('inside the lake');
  expect(await said('prove', 'any', '--out', at('lake', 'x'))).toContain('inside the lake');
  expect(await said('export', ...sql, '--name', 'q', '--out', at('x'))).toContain('not both');
  expect(await said('verify', at('nothing'))).toContain('There is no package');
  expect(await said('verify', at('lake'))).toContain('is a lake and no package');
  expect(await said('verify', at('trail.json'))).toContain('[PACKAGE_UNKNOWN]');
  expect(await said('verify', at('full'), '--deep')).toContain('--deep is for a lake');
  expect(await akashi('verify', at('full'), at('lake'))).toMatchObject({ code: 2 });
  expect((await akashi('verify', at('full'))).code).toBe(1);
}, 240_000);
