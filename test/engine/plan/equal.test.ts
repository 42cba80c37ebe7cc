import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { random } from '../../../bench/random.ts';
import { PartCache } from '../../../engine/stage/part-cache.ts';
import { remoteParts } from '../../../engine/stage/remote-parts.ts';
import { Comparison } from './equal.ts';
import { randomLake } from './random-lake.ts';
import { randomStatement } from './random-sql.ts';

const folder = mkdtempSync(join(tmpdir(), 'akashi-equal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of each store; `planner.slow.ts` asks thousands. */
const CASES = 100;

test('planned parts answer as whole files do', { timeout: 600_000 }, async () => {
  const { snapshot, objects } = randomLake(random(7), folder);
  let temps = 0;
  const cache = new PartCache(join(folder, 'cache'), () => join(folder, `temp-${temps++}`));
  const newest = async (key: string, range: { start: number; end: number } | null) =>
    range === null ? objects.get(key)! : objects.get(key)!.subarray(range.start, range.end);
  const vault = {
    get: async (key: string) => ({ body: objects.get(key)!, version: '' }),
    getRange: async (key: string, start: number, end: number) => newest(key, { start, end }),
  };
  const elsewhere = { ...snapshot, parts: remoteParts({ cache, vault, newest }) };
  const comparison = new Comparison(snapshot);
  let pruned = 0;
  let rows = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const sql = randomStatement(random(seed * 7919));
    for (const lake of [snapshot, elsewhere]) {
      const { planned, whole, files, isPruned } = await comparison.of(lake, sql);
      expect(planned, `case ${seed}: ${sql}`).toBe(whole);
      expect(isPruned, sql).toBe(true);
      expect(whole).not.toContain('threw');
      if (files < 10) pruned++;
      rows += whole.length;
    }
  }
  // The suite asks something.
  expect(pruned).toBeGreaterThan(CASES / 4);
  expect(rows).toBeGreaterThan(CASES * 100);
});
