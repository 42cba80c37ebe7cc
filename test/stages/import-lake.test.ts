/** `akashi import cloudtrail-lake`: files as Lake saved them, beside the same event from a trail. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { signSpan } from '../../stages/lake-results.ts';
import { openLake } from '../../vault/lake.ts';
import { HOUR, makeSigner } from '../ledger/digests/parts/trail.ts';
import { COMPLETED, csv, savedQuery } from '../ledger/lake-results/parts.ts';
import { scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const signer = makeSigner(COMPLETED - 240 * HOUR, COMPLETED + 240 * HOUR);
const TRAIL = {
  eventVersion: '1.09',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/alice', accountId: '111122223333' },
  eventTime: '2026-03-01T09:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'ListUsers',
  awsRegion: 'us-east-1',
  recipientAccountId: '111122223333',
  eventID: 'id-of-both',
  readOnly: true,
};

let folder: string;
let lake: string;
let printed = '';

beforeEach(async () => {
  folder = await newFolder();
  lake = join(folder, 'lake');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

async function akashi(...words: string[]): Promise<{ code: number; text: string }> {
  printed = '';
  const code = await main([...words, '--lake', lake]);
  return { code, text: printed };
}

const json = async (...words: string[]) => {
  const { code, text } = await akashi(...words, '--json');
  return { code, value: JSON.parse(text) as Record<string, never> };
};

const rowsOf = async (sql: string) =>
  ((await json('query', sql)).value['rows'] as unknown as object[]).map(
    (row) => Object.values(row) as unknown[],
  );

function save(files: ReadonlyMap<string, Uint8Array>, query = 'q1'): string {
  const into = join(folder, 'CloudTrail-Lake/Query/2026/03/02', query);
  mkdirSync(into, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(into, name), bytes);
  return into;
}

test('results and sign file: proven with keys, shown once beside the trail, said wherever one asks', {
  timeout: 180_000,
}, async () => {
  save(savedQuery(signer, [csv('id-of-both', 'id-1'), csv('id-2')]));
  mkdirSync(join(folder, 'trail'));
  writeFileSync(join(folder, 'trail/log.json'), JSON.stringify({ Records: [TRAIL] }));
  await akashi('collect', join(folder, 'trail'));

  // Without keys nothing is proven, and nothing is wrong.
  const first = await json('import', 'cloudtrail-lake', join(folder, 'CloudTrail-Lake'));
  expect(first.code).toBe(0);
  expect(first.value).toMatchObject({ records: 5, events: 3, skipped: 2, unreadable: 0, recorded: 3 });
  expect(
    await rowsOf(
      "select verdict, count(*) from evidence where source = 'aws.cloudtrail-lake' group by all order by all",
    ),
  ).toEqual([
    ['KEY_NOT_FOUND', 1],
    ['UNPROVEN', 2],
  ]);

  const keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify({ PublicKeyList: [signer.listed] }));
  const again = await json('import', 'cloudtrail-lake', join(folder, 'CloudTrail-Lake'), '--keys', keys);
  expect(again.code).toBe(0);
  expect(again.value).toMatchObject({ objects: 0, duplicateObjects: 3, recorded: 3 });
  expect(
    await rowsOf('select proof, verdict, level, count(*) from verdicts group by all order by all'),
  ).toContainEqual(['cloudtrail.lake', 'VALID', 'valid', 3]);
  // A later run without keys takes nothing back.
  expect((await json('import', 'cloudtrail-lake', join(folder, 'CloudTrail-Lake'))).value).toMatchObject({
    recorded: 0,
  });
  expect(await rowsOf("select distinct verdict from evidence where source = 'aws.cloudtrail-lake'")).toEqual([
    ['VALID'],
  ]);

  // The trail's copy stands for both, and says more.
  expect(await rowsOf("select source, actor_id, conflict from events where uid = 'id-of-both'")).toEqual([
    ['aws.cloudtrail', TRAIL.userIdentity.arn, false],
  ]);
  expect(await rowsOf("select action, locator like '%;rebuilt' from events where uid = 'id-1'")).toEqual([
    ['iam.user.list', true],
  ]);

  const coverage = await akashi('coverage');
  expect(coverage.text).toMatch(
    /aws\.cloudtrail-lake: imported from CloudTrail Lake .*2 bodies with 5 records \(2 VALID\)/,
  );
  expect(
    await rowsOf("select distinct verdict, basis from coverage where source = 'aws.cloudtrail-lake'"),
  ).toEqual([['unknown', 'import']]);

  const proven = await akashi('prove', 'id-1', '--out', join(folder, 'proof'));
  expect(proven.text).toMatch(/imported from CloudTrail Lake, received .*VALID/);
  expect(await rowsOf("select result from custody where result like 'import%' limit 1")).toEqual([
    ['import of CloudTrail Lake results'],
  ]);
  expect((await akashi('verify', '--deep', '--rederive')).code).toBe(0);
});

test('an altered file and one that is missing are told by name, and fail the run', async () => {
  const files = savedQuery(signer, [csv('a'), csv('b')]);
  files.set('result_1.csv.gz', savedQuery(signer, [csv('x')]).get('result_1.csv.gz')!);
  files.delete('result_2.csv.gz');
  save(files);
  const { code, text } = await akashi('import', 'cloudtrail-lake', join(folder, 'CloudTrail-Lake'));
  expect(code).toBe(1);
  expect(text).toMatch(/1 sign file FILE_ALTERED: .*\n.*result_sign\.json: result_1\.csv\.gz/);
  expect(text).toMatch(/1 file of results HASH_MISMATCH/);
});

test('misuse is told', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect((await akashi('import')).code).toBe(2);
  expect((await akashi('import', 'elsewhere', folder)).code).toBe(2);
  expect((await akashi('import', 'cloudtrail-lake')).code).toBe(2);
  expect((await akashi('import', 'cloudtrail-lake', join(folder, 'nowhere'))).code).toBe(1);
});

test('AWS is asked for keys of regions and times that can be, whatever an unsigned line says', async () => {
  save(savedQuery(signer, [csv('a')]));
  save(
    savedQuery(signer, [csv('b')], (sign) => Object.assign(sign, { region: 'evil.example.com' })),
    'q2',
  );
  save(
    savedQuery(signer, [csv('c')], (sign) =>
      Object.assign(sign, { queryCompleteTime: '1999-01-01T00:00:00Z' }),
    ),
    'q3',
  );
  await akashi('collect', join(folder, 'CloudTrail-Lake'));
  const now = COMPLETED + 48 * HOUR;
  const { regions, window } = await signSpan(await openLake(lake), now);
  expect(regions).toEqual(['us-east-1']);
  expect(window).toEqual({ from: COMPLETED - 24 * HOUR, to: now + 24 * HOUR });
});
