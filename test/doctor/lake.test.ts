import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../doctor/finding.ts';
import { examined } from '../../doctor/finding.ts';
import { lakeExamination } from '../../doctor/lake.ts';
import { collect } from '../../stages/collect.ts';
import { preserveMany } from '../../vault/evidence.ts';
import { openLake } from '../../vault/lake.ts';

const SAMPLE = fileURLToPath(new URL('../../samples/aws', import.meta.url));
/** Later than the collection, whose facts count from then on. */
const NOW = Date.now() + 60_000;
let folder: string;
let place: string;

const look = (at = NOW): Promise<readonly Finding[]> => examined([lakeExamination(place, at)]);
const told = (findings: readonly Finding[], state: string): string[] =>
  findings.filter((one) => one.state === state).map(({ what, fix }) => `${what} | ${fix}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-lake-'));
  place = join(folder, 'lake');
  await collect(await openLake(place), [SAMPLE], { threads: 1 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('no lake: the way to one', async () => {
  const [finding] = await examined([lakeExamination(join(folder, 'none'), NOW)]);
  expect(finding).toMatchObject({ state: 'missing' });
  expect(finding?.fix).toContain('akashi collect');
});

test('a lake that is well has nothing missing, and tells how far it reaches', async () => {
  const findings = await look();
  expect(told(findings, 'missing')).toEqual([]);
  expect(told(findings, 'ok').join('\n')).toContain(
    'aws.cloudtrail: completeness is claimed before 2024-03-12T',
  );
});

test('a key that others may read, and one that is gone, are told with the way out', async () => {
  const key = join(place, 'keys/ledger.pem');
  chmodSync(key, 0o644);
  expect(told(await look(), 'missing')).toEqual([expect.stringMatching(/KEY_EXPOSED.*chmod 600/s)]);
  chmodSync(key, 0o600);
  process.env['AKASHI_SIGNING_KEY'] = join(folder, 'elsewhere.pem');
  try {
    expect(told(await look(), 'missing')).toEqual([expect.stringMatching(/KEY_MISSING.*Put it back/s)]);
  } finally {
    delete process.env['AKASHI_SIGNING_KEY'];
  }
});

test('what waits for its seal is well for a while, and ill when nobody seals it', async () => {
  await preserveMany(await openLake(place), [
    {
      source: 'generic.text',
      role: 'records',
      body: Buffer.from('waiting\n'),
      provenance: {
        origin: 'test',
        versionId: null,
        metadata: {},
        modified: null,
        receivedAt: NOW * 1000,
        collector: 'test',
      },
    },
  ]);
  expect(told(await look(NOW + 60_000), 'missing')).toEqual([]);
  expect(told(await look(NOW + 3_600_000), 'missing')).toEqual([
    expect.stringContaining(`1 received and not sealed yet, the oldest ${new Date(NOW).toISOString()}`),
  ]);
});

test('a pending entry that is none is told and stops nothing', async () => {
  mkdirSync(join(place, 'state/pending'), { recursive: true });
  writeFileSync(join(place, `state/pending/${'0'.repeat(64)}-${'0'.repeat(16)}.json`), 'nonsense');
  const missing = told(await look(NOW + 60_000), 'missing');
  expect(missing).toEqual([expect.stringContaining('akashi verify')]);
});
