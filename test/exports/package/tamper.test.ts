/** Whatever was altered, removed or added is found and named: by the stranger's verifier and by ours. */

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { verifyPackage } from '../../../exports/package/check/verify-package.ts';
import { filesOf, hasTools, packageLake, rewriteLists, VERIFIER } from './package-lake.ts';
import { PLAIN, REWRITTEN, type Tampering, VOUCHED } from './tamper.ts';

const DRIVER = fileURLToPath(new URL('stranger.py', import.meta.url));
const own = packageLake();

const drive = (...words: string[]): unknown =>
  JSON.parse(spawnSync('python3', [DRIVER, VERIFIER, own.vkey, ...words], { encoding: 'utf8' }).stdout);
const judge = (...folders: string[]) => drive('judge', ...folders) as [boolean, string][];
const ours = (folder: string) => verifyPackage(folder, { publicKey: own.vkey });

beforeAll(async () => {
  await own.make('with', own.recorded('INC-1'));
  await own.make('without');
}, 240_000);

/** Copies of a package, each tampered with in its way. */
function tampered(from: string, all: readonly Tampering[]): string[] {
  return all.map(({ change }, at) => {
    const folder = own.at(`${from}-${at}`);
    rmSync(folder, { recursive: true, force: true });
    cpSync(own.at(from), folder, { recursive: true });
    change(folder);
    return folder;
  });
}

test('ours accepts both as they are, and derives every row again', async () => {
  const report = await ours(own.at('with'));
  expect(report).toMatchObject({
    ok: true,
    vouched: true,
    problems: [],
    rederived: { bodies: 4, notCheckable: 0 },
  });
  expect(report.rederived!.rows).toBe(report.records.checked);
  expect(await ours(own.at('without'))).toMatchObject({ ok: true, vouched: false, problems: [] });
});

test.each([
  ['with', [...PLAIN, ...VOUCHED]],
  ['without', REWRITTEN],
] as const)('both refuse every tampering with a package %s a custody record', async (from, cases) => {
  const folders = tampered(from, cases);
  const said: string[] = [];
  for (const [at, folder] of folders.entries()) if ((await ours(folder)).ok) said.push(cases[at]!.name);
  expect(said).toEqual([]);
  if (!hasTools) return;
  const accepted = judge(...folders).flatMap(([ok], at) => (ok ? [cases[at]!.name] : []));
  expect(accepted).toEqual([]);
});

test('what only a custody record can find is not found without one, and both say that nothing vouches', async () => {
  for (const folder of tampered('without', VOUCHED)) {
    const { ok, caveats } = await ours(folder);
    expect([ok, caveats.join()]).toEqual([true, expect.stringContaining('No custody record is in it')]);
    if (hasTools)
      expect(judge(folder)).toEqual([[true, expect.stringContaining('nothing here vouches for them')]]);
  }
});

test('a column that the record does not say is found by deriving it again; the small verifier says that it does not look', async () => {
  const folder = own.at('derived');
  cpSync(own.at('without'), folder, { recursive: true });
  for (const name of ['data/rows/events.jsonl', 'data/rows/events.csv']) {
    const text = readFileSync(join(folder, name), 'utf8');
    // In the mapping's column alone: raw has the same text inside JSON, with quotes around it.
    writeFileSync(join(folder, name), text.replace(/(,|"status":")success/, '$1failure'));
  }
  rewriteLists(folder);
  expect(await ours(folder)).toMatchObject({
    ok: false,
    problems: [
      {
        code: 'NOT_DERIVABLE',
        key: 'data/rows/events.jsonl',
        detail: 'row 1 is not what the mapping reads in its record',
      },
    ],
  });
  expect(readFileSync(join(folder, 'README.txt'), 'utf8')).toContain(
    'verify.py does not read the record again',
  );
});

test('a row that says otherwise is found beside the true one of the same record, whatever is counted', async () => {
  const folder = own.at('doubled');
  cpSync(own.at('without'), folder, { recursive: true });
  const file = join(folder, 'data/rows/events.jsonl');
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length - 1;
  const first = text.slice(0, text.indexOf('\n') + 1);
  const other = first.replace('"status":"success"', '"status":"failure"');
  expect(other).not.toBe(first);
  writeFileSync(file, other + text);
  for (const name of ['events.csv', 'ocsf.jsonl']) rmSync(join(folder, 'data/rows', name), { force: true });
  const about = JSON.parse(readFileSync(join(folder, 'data/about.json'), 'utf8')) as {
    rows: { name: string; rows: number; counted: number }[];
  };
  for (const set of about.rows) if (set.name === 'data/rows/events') set.counted = set.rows = lines + 1;
  writeFileSync(join(folder, 'data/about.json'), JSON.stringify(about));
  rewriteLists(folder);
  const { problems } = await ours(folder);
  expect(problems.map(({ code, detail }) => [code, detail])).toEqual([
    ['ROW_DIFFERS', 'row 2 is of the record of row 1 of data/rows/events.jsonl, and says otherwise'],
  ]);
});

test('a program slipped in beside data/ is told of, though the custody record holds', async () => {
  const folder = own.at('programs');
  cpSync(own.at('with'), folder, { recursive: true });
  writeFileSync(join(folder, 'verify.py'), 'print("OK")\n');
  writeFileSync(join(folder, 'setup.sh'), 'true\n');
  rewriteLists(folder);
  const { ok, vouched, caveats } = await ours(folder);
  expect([ok, vouched]).toEqual([true, true]);
  expect(caveats.join('\n')).toMatch(/known here: setup\.sh\.\n.*verify\.py is not the one/);
  expect((await ours(own.at('with'))).caveats.join()).not.toMatch(/setup|verify\.py/);
});

test('one bit of any file, changed, is found and named by ours', async () => {
  const folder = own.at('flipped');
  cpSync(own.at('with'), folder, { recursive: true });
  const missed: string[] = [];
  for (const name of filesOf(folder)) {
    const whole = readFileSync(join(folder, name));
    const at = Math.floor((whole.length * 2) / 3);
    writeFileSync(join(folder, name), whole.with(at, whole[at]! ^ (1 << (at % 8))));
    const { ok, problems } = await ours(folder);
    const isNamed = problems.some(({ key, detail }) => key === name || detail.includes(name));
    if (ok || !(isNamed || name.startsWith('tagmanifest'))) missed.push(name);
    rmSync(join(folder, name));
    if ((await ours(folder)).ok) missed.push(`${name}, taken away`);
    writeFileSync(join(folder, name), whole);
  }
  expect(missed).toEqual([]);
  expect((await ours(folder)).ok).toBe(true);
});

test.skipIf(!hasTools)('one bit of any file, changed, is found and named by the stranger', () => {
  const words = ['flip', own.at('with'), '9', ...filesOf(own.at('with'))];
  const [tried, accepted, unnamed, whole] = drive(...words) as [number, string[], string[], boolean];
  expect([accepted, unnamed, whole]).toEqual([[], [], true]);
  expect(tried).toBeGreaterThan(40);
});

test.skipIf(!hasTools)(
  'the stranger reads cells as long as any record: a long value in a log stops nobody',
  () => {
    const program = 'import csv, runpy, sys; runpy.run_path(sys.argv[1]); print(csv.field_size_limit())';
    const { stdout } = spawnSync('python3', ['-c', program, VERIFIER], { encoding: 'utf8' });
    expect(Number(stdout)).toBeGreaterThanOrEqual(2 ** 26);
  },
);
