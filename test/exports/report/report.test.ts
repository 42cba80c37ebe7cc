/** A report as a whole, of a lake collected from the sample trails. */

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportKinds } from '../../../exports/report/kinds.ts';
import { periodOf } from '../../../exports/report/period.ts';
import { makeReport, type Report, writeReport } from '../../../exports/report/report.ts';
import { collect } from '../../../stages/collect.ts';
import { type Lake, openLake } from '../../../vault/lake.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));
const MARCH = periodOf(new Date('2024-03-01'), new Date('2024-04-01'));
const folder = mkdtempSync(join(tmpdir(), 'akashi-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pci = reportKinds.find(({ name }) => name === 'pci')!;
let lake: Lake;
let report: Report;
beforeAll(async () => {
  lake = await openLake(join(folder, 'lake'));
  await collect(lake, [SAMPLES], { threads: 1 });
  report = await makeReport(pci, lake, MARCH, new Map());
}, 60_000);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('the same head and period give the same bytes', { timeout: 60_000 }, async () => {
  const again = await makeReport(pci, lake, MARCH, new Map());
  expect(again.files.map(({ path, bytes }) => [path, sha256(bytes)])).toEqual(
    report.files.map(({ path, bytes }) => [path, sha256(bytes)]),
  );
});

test('it is written with sums of every file, and over nothing that is there', async () => {
  const out = join(folder, 'out');
  await writeReport(report, out);
  const sums = readFileSync(join(out, 'SHA256SUMS'), 'utf8').trim().split('\n');
  const written = readdirSync(out, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(sums.length).toBe(written.length - 1);
  for (const line of sums) {
    const [hash, path] = line.split('  ');
    expect(sha256(readFileSync(join(out, path!)))).toBe(hash);
  }
  await expect(writeReport(report, out)).rejects.toThrow(/EEXIST/);
});
