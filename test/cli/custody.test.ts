/** Holds and the chain of custody as people meet them on the command line. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { custodyDraft } from '../../stages/custody.ts';
import { putNote } from '../../stages/notes.ts';
import { readHead } from '../../tables/head.ts';
import { changeHolds, type HoldFacts } from '../../vault/holds.ts';
import { openLake } from '../../vault/lake.ts';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

let folder: string;
let lake: string;

function akashi(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AKASHI, ...words], {
    encoding: 'utf8',
    env: { ...process.env, AKASHI_LAKE: lake, AKASHI_BY: 'alice', NO_COLOR: '1' },
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-cli-custody-'));
  lake = join(folder, 'lake');
  writeFileSync(join(folder, 'trail.json'), trailFile(1, 3, 1_700_000_000));
  expect(akashi('collect', join(folder, 'trail.json'), '--case', 'INC-1', '--retain', '365d').code).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('asking, holding and releasing are links in the case’s chain of custody', () => {
  expect(akashi('query', 'select count(*) as n from events', '--case', 'INC-1').code).toBe(0);
  expect(akashi('hold', '--case', 'INC-1', '--sql', 'select * from events', '--by', 'bob').out).toMatch(
    /^INC-1 holds 1 body and \d data files/,
  );
  expect(akashi('hold', '--list').out).toMatch(/INC-1 .* bob .*held {3}select \* from events/);
  const refused = akashi('hold', '--case', 'INC-1', '--release');
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--reason')]);
  expect(akashi('hold', '--case', 'INC-1', '--release', '--reason', 'closed').out).toContain(
    'INC-1 released',
  );
  const { records } = JSON.parse(akashi('custody', '--case', 'INC-1', '--json').out) as {
    records: { action: string; actor: string; rows: number | null; index: number | null }[];
  };
  expect(records.map(({ action, actor }) => [action, actor])).toEqual([
    ['collect', 'alice'],
    ['query', 'alice'],
    ['hold', 'bob'],
    ['release', 'alice'],
  ]);
  expect(records[1]!.rows).toBe(1);
  expect(records.every(({ index }) => index !== null)).toBe(true);
  expect(akashi('custody', '--case', 'INC-1').out).toMatch(
    /alice as .* INC-1 .*query .*1 {2}select count.*entry \d+, checkpoint \d+/,
  );
  expect(akashi('verify', '--deep').code).toBe(0);
}, 60_000);

test('what is proven, exported and verified is on record as well', () => {
  const { rows } = JSON.parse(akashi('query', 'select uid from events limit 1', '--json').out) as {
    rows: { uid: string }[];
  };
  const under = ['--case', 'INC-2'];
  expect(akashi('prove', rows[0]!.uid, '--out', join(folder, 'proof'), ...under).code).toBe(0);
  expect(akashi('export', '--format', 'ocsf', '--out', join(folder, 'out.jsonl'), ...under).code).toBe(0);
  expect(
    akashi(
      'query',
      'select * from events',
      '--format',
      'parquet',
      '--out',
      join(folder, 'f.parquet'),
      ...under,
    ).code,
  ).toBe(0);
  expect(akashi('verify', '--record', ...under).code).toBe(0);
  const { records } = JSON.parse(akashi('custody', ...under, '--seal', '--json').out) as {
    records: {
      id: string;
      action: string;
      rows: number | null;
      result: string | null;
      completes: string | null;
    }[];
  };
  expect(records.map(({ action, rows: count, result }) => [action, count, result])).toEqual([
    ['prove', 1, null],
    ['export', null, expect.stringContaining('ocsf')],
    ['export', 3, expect.stringContaining('ocsf')],
    ['query', 3, null],
    ['verify', null, 'nothing wrong'],
  ]);
  expect(records[2]!.completes).toBe(records[1]!.id);
}, 60_000);

test('a lake that cannot be written to still answers and says what it could not keep', () => {
  const sealed = join(folder, 'read-only');
  cpSync(lake, sealed, { recursive: true });
  // Stands for a read-only disk: no file can be made beside it, whoever asks.
  rmSync(join(sealed, 'state', '.tmp'), { recursive: true, force: true });
  writeFileSync(join(sealed, 'state', '.tmp'), '');
  const answer = akashi('query', 'select 7 as n', '--format', 'csv', '--lake', sealed);
  expect(answer).toMatchObject({ code: 0, out: expect.stringContaining('7') });
  expect(answer.err).toContain('no custody record could be kept');
  const strict = akashi('query', 'select 7 as n', '--format', 'csv', '--lake', sealed, '--require-custody');
  expect(strict.code).toBe(1);
  expect(strict.out).not.toContain('7');
  expect(strict.err).toContain('CUSTODY_NOT_KEPT');
}, 60_000);

test.each([
  [['hold', '--sql', 'select 1'], '--case'],
  [['hold', '--case', 'X'], '--sql'],
  [['hold', '--case', 'X', '--from', '2024-01-02', '--to', '2024-01-01'], 'before'],
  [['hold', '--case', 'X', '--sql', 'select 1', '--from', '2024-01-01'], 'not both'],
  [['hold', '--case', 'INC\u200b-1', '--sql', 'select 1'], 'do not show'],
  [['query', 'select 1', '--by', 'alice\u202e'], 'do not show'],
  [['collect', 'x', '--retain', 'long'], '365d'],
  [['collect', 'x', '--retain', 'aws.cloudtrial=3d'], 'no source'],
])('%j is wrong usage', (words, told) => {
  const { code, err } = akashi(...words);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(told) });
});

const HOSTILE = 'x\u001b[31m\u009b2J\u202e\u200b\u061c\ufeff\n\u2028';
const ACTS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u2028\u202e\ufeff]/;

test('nothing that somebody puts into the lake drives the terminal, in tables and in JSON', async () => {
  const hostile = join(folder, 'hostile');
  cpSync(lake, hostile, { recursive: true });
  const { state } = await openLake(hostile);
  const { head } = await readHead(state);
  const by = { actor: HOSTILE, account: HOSTILE, case: HOSTILE, purpose: HOSTILE };
  const draft = custodyDraft(by, head, { action: 'query', subject: HOSTILE, result: HOSTILE }, 1);
  await putNote(state, { ...draft, action: HOSTILE });
  const { kind: _, ...more } = draft;
  const facts: HoldFacts = {
    kind: 'hold',
    action: 'place',
    ...pick(more, ['id', 'actor', 'account', 'at', 'headSize', 'headRoot', 'tool']),
    case: HOSTILE,
    scope: HOSTILE,
    objects: 1,
    objectsSha256: 'ab'.repeat(32),
    reason: HOSTILE,
  };
  await changeHolds(state, async (record) => ({ ...record, holds: [{ facts, settled: false }] }));
  for (const words of [['custody'], ['hold', '--list'], ['verify']])
    for (const json of [[], ['--json']]) {
      const { out, err } = akashi(...words, ...json, '--lake', hostile);
      expect(out.length).toBeGreaterThan(40);
      expect([words, json, ACTS.test(out + err)]).toEqual([words, json, false]);
      if (json.length > 0) expect(JSON.stringify(JSON.parse(out))).toContain('\u202e');
    }
}, 60_000);

test('SQL whose answer says nothing of bodies holds nothing', () => {
  const { code, err } = akashi('hold', '--case', 'X', '--sql', 'select count(*) from events');
  expect(code).toBe(1);
  expect(err).toContain('HOLD_NOT_ROWS');
  expect(akashi('hold', '--list').out).toContain('no case holds anything');
});
