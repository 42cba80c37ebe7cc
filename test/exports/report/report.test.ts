/** A report as a whole, of a lake collected from the sample trails. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { reportKinds } from '../../../exports/report/kinds.ts';
import { periodOf } from '../../../exports/report/period.ts';
import { makeReport, type Report, writeReport } from '../../../exports/report/report.ts';
import { readStatements } from '../../../exports/report/statements.ts';
import { recorder, systemAccount } from '../../../stages/custody.ts';
import { sealWaiting } from '../../../stages/seal-waiting.ts';
import { readHead } from '../../../tables/head.ts';
import type { Lake } from '../../../vault/lake.ts';
import { MARCH, sampleLake, scratch } from './sample-lake.ts';

const folder = scratch();
const pci = reportKinds.find(({ name }) => name === 'pci')!;
let lake: Lake;
let report: Report;
beforeAll(async () => {
  lake = await sampleLake(folder);
  report = await makeReport(pci, lake, MARCH, new Map());
}, 120_000);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const sums = ({ files }: Report) => files.map(({ path, bytes }) => [path, sha256(bytes)]);
const textOf = ({ files }: Report, name: string) =>
  Buffer.from(files.find(({ path }) => path === name)!.bytes).toString('utf8');

test('it is a page, a PDF, JSON for programs, OSCAL and samples', () => {
  const paths = report.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'report.html',
      'report.pdf',
      'report.json',
      'assessment-results.json',
      'samples/admin-actions.csv',
      'samples/admin-actions.jsonl',
    ]),
  );
  expect(textOf(report, 'report.pdf').startsWith('%PDF-')).toBe(true);
  expect(JSON.parse(textOf(report, 'report.json'))).toMatchObject({
    report: 'pci',
    period: { from: '2024-03-01T00:00:00.000Z', to: '2024-04-01T00:00:00.000Z' },
    snapshot: { head: report.head, ledger: report.ledger },
  });
});

test('it is written with sums of every file, and over nothing that is there', async () => {
  const out = join(folder, 'out');
  await writeReport(report, out);
  const lines = readFileSync(join(out, 'SHA256SUMS'), 'utf8').trim().split('\n');
  const written = readdirSync(out, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(lines.length).toBe(written.length - 1);
  for (const line of lines) {
    const [hash, path] = line.split('  ');
    expect(sha256(readFileSync(join(out, path!)))).toBe(hash);
  }
  await expect(writeReport(report, out)).rejects.toThrow(/EEXIST/);
});

describe('the same snapshot gives the same bytes', () => {
  test('run again, and also once the lake has grown', { timeout: 120_000 }, async () => {
    const { state } = lake;
    const by = { actor: 'auditor@example.com', account: systemAccount(), case: null, purpose: null };
    const { record } = recorder(state, (await readHead(state)).head, by, { onRefused: () => {} });
    await record({ action: 'query', subject: 'select 1' });
    expect(sums(await makeReport(pci, lake, MARCH, new Map()))).toEqual(sums(report));
    await sealWaiting(lake);
    expect((await readHead(state)).head.sequence).toBe(2);
    const earlier = await makeReport(pci, lake, MARCH, new Map(), { at: { sequence: 1 } });
    expect(earlier.head).toBe(report.head);
    expect(sums(earlier)).toEqual(sums(report));
  });

  test('a moment before the first seal is refused', async () => {
    await expect(makeReport(pci, lake, MARCH, new Map(), { at: { time: 1 } })).rejects.toMatchObject({
      code: 'SNAPSHOT_NONE',
    });
  });
});

test('what people state is printed as theirs, with its hash', { timeout: 60_000 }, async () => {
  const text = 'Reviewed daily.\n<script>alert(1)</script>';
  const given = JSON.stringify({ 'pci-10.4.1': { text, by: 'Jane Example, CISO', on: '2024-03-31' } });
  const stated = await makeReport(pci, lake, MARCH, readStatements(given, pci.statements));
  const html = textOf(stated, 'report.html');
  expect(html).toContain('Stated by Jane Example, CISO, 2024-03-31');
  expect(html).toContain(sha256(Buffer.from(text)));
  expect(html).not.toContain('<script');
  const { observations } = JSON.parse(textOf(stated, 'assessment-results.json'))['assessment-results']
    .results[0];
  const interviews = observations.filter(({ methods }: { methods: string[] }) =>
    methods.includes('INTERVIEW'),
  );
  expect(interviews).toHaveLength(1);
});

test('a period of which nothing is held is said to show nothing', { timeout: 60_000 }, async () => {
  const empty = periodOf(new Date('2026-09-01'), new Date('2026-10-01'));
  const html = textOf(await makeReport(pci, lake, empty, new Map()), 'report.html');
  expect(html).toContain('Nothing is held of this period');
});

test('a value for a question that is not asked is refused', { timeout: 60_000 }, async () => {
  const parameters = new Map([['beacons', { least: '3' }]]);
  await expect(makeReport(pci, lake, MARCH, new Map(), { parameters })).rejects.toMatchObject({
    code: 'QUESTION_PARAMETER',
  });
});
