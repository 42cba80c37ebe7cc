/** Thousands of random statements: planned parts of a folder and of a lake on S3 answer as whole files do. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { random } from '../../bench/random.ts';
import { PartCache } from '../../engine/stage/part-cache.ts';
import { remoteParts } from '../../engine/stage/remote-parts.ts';
import { classOf } from '../../vault/keys.ts';
import { Comparison } from '../engine/plan/equal.ts';
import { randomLake } from '../engine/plan/random-lake.ts';
import { randomStatement } from '../engine/plan/random-sql.ts';
import { S3Double } from '../vault/s3/double.ts';
import { Subjects, useTestCredentials } from '../vault/s3/subject.ts';

const CASES = Number(process.env['AKASHI_PLANNER_CASES'] ?? 5_000);
/** Statements asked of one lake before another is made. */
const A_LAKE = 100;

useTestCredentials();
const double = new S3Double();
const folder = mkdtempSync(join(tmpdir(), 'akashi-planner-'));
afterAll(async () => {
  await double.stop();
  rmSync(folder, { recursive: true, force: true });
});

test(`${CASES} random statements, of a folder and of S3`, async () => {
  const endpoint = await double.start();
  double.addBucket('vault', true);
  double.addBucket('state', false);
  const server = {
    endpoint,
    region: null,
    dialect: 'aws',
    vaultBucket: 'vault',
    stateBucket: 'state',
  } as const;
  const subjects = new Subjects(server);
  let temps = 0;
  let pruned = 0;
  for (let lake = 0; lake * A_LAKE < CASES; lake++) {
    const { snapshot, objects } = randomLake(random(lake + 1), join(folder, String(lake)));
    const vault = subjects.newVault().store;
    for (const [key, body] of objects) await vault.putIfAbsent(key, body, classOf(key)!.kind);
    // Small enough that parts make room all the time.
    const cache = new PartCache(join(folder, 'cache'), () => join(folder, `temp-${temps++}`), 200_000);
    const parts = remoteParts({ cache, vault, newest: (key, range) => vault.newest(key, range) });
    const comparison = new Comparison(snapshot);
    process.stderr.write(`${lake * A_LAKE} statements are equal\n`);
    for (let at = 0; at < Math.min(A_LAKE, CASES - lake * A_LAKE); at++) {
      const seed = lake * A_LAKE + at + 1;
      const sql = randomStatement(random(seed * 104_729));
      for (const from of [snapshot, { ...snapshot, parts }]) {
        const { planned, whole, files, isPruned } = await comparison.of(from, sql);
        expect(planned, `case ${seed}: ${sql}`).toBe(whole);
        expect(isPruned, sql).toBe(true);
        expect(whole).not.toContain('threw');
        if (files < 10) pruned++;
      }
    }
  }
  expect(pruned).toBeGreaterThan(CASES / 4);
}, 7_200_000);
