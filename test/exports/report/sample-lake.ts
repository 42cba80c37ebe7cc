/** A lake collected from the sample trails, for reports to be made of. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { type Period, periodOf } from '../../../exports/report/period.ts';
import { collect } from '../../../stages/collect.ts';
import { type Lake, openLake } from '../../../vault/lake.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** The month that the sample trails are of. */
export const MARCH: Period = periodOf(new Date('2024-03-01'), new Date('2024-04-01'));

/** A folder that is gone after the tests. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-report-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function sampleLake(folder: string, more: Readonly<Record<string, string>> = {}): Promise<Lake> {
  const lake = await openLake(join(folder, 'lake'));
  const paths = Object.entries(more).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
  await collect(lake, [SAMPLES, ...paths], { threads: 1 });
  return lake;
}
