/** A collect killed at any moment and run again gives the answers of one that was never disturbed. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { random } from '../../bench/random.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake } from '../../vault/lake.ts';
import { answers, rowsOf } from '../stages/lake-rows.ts';

const KILLS = Number(process.env['AKASHI_KILLS'] ?? 200);
const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-kill-'));
  mkdirSync(join(folder, 'in'));
  const put = (name: string, body: string | Uint8Array) => {
    writeFileSync(join(folder, 'in', name), body);
    utimesSync(join(folder, 'in', name), 1_700_000_000, 1_700_000_000);
  };
  for (let i = 0; i < 24; i++)
    put(`trail-${i}.json.gz`, gzipSync(trailFile(i, 150, 1_700_000_000 + i * 20_000)));
  for (let i = 0; i < 12; i++)
    put(`flow-${i}.log.gz`, gzipSync(flowFile(i, 800, 1_700_000_000 + i * 20_000)));
  put(
    'broken.json',
    '{"Records":[{"eventVersion":"1.08","eventName":"X","eventSource":"s3.amazonaws.com"},{"a":}]}',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const collectOnce = (lake: string, killAfter: number | null) =>
  runOnce(['collect', join(folder, 'in'), '--lake', lake, '--json'], killAfter);

/** Runs akashi; kills it after `killAfter` milliseconds. True when it came to its end. */
function runOnce(
  words: readonly string[],
  killAfter: number | null,
): Promise<{ finished: boolean; millis: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [AKASHI, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  const timer = killAfter === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (timer !== null) clearTimeout(timer);
      if (signal === null && code !== 0) reject(new Error(`${words[0]} ended with ${code}`));
      else resolve({ finished: signal === null, millis: performance.now() - started });
    });
  });
}

test(`${KILLS} kills at random moments`, async () => {
  const reference = join(folder, 'reference');
  const { millis } = await collectOnce(reference, null);
  const expected = await answers(reference);
  const r = random(Number(process.env['AKASHI_SEED'] ?? 20261122));
  let kills = 0;
  let lakes = 0;
  while (kills < KILLS) {
    const lake = join(folder, `lake-${lakes++}`);
    // A few kills on the same lake, then a run that is left alone.
    for (let tries = 1 + r.below(6); tries > 0; tries--) {
      const { finished } = await collectOnce(lake, millis * (0.2 + 0.8 * r.next()));
      if (!finished) kills++;
    }
    await collectOnce(lake, null);
    expect(await answers(lake)).toBe(expected);
    expect(await rowsOf(lake, 'evidence')).toHaveLength(37);
    expect(await verify(await openLake(lake), { deep: true })).toMatchObject({ ok: true, problems: [] });
    rmSync(lake, { recursive: true, force: true });
  }
  console.log(`${kills} kills over ${lakes} lakes; an undisturbed run takes ${Math.round(millis)} ms`);
});

test('a compaction killed at random moments, beside collects', async () => {
  const whole = join(folder, 'whole');
  await collectOnce(whole, null);
  const expected = await answers(whole);
  const { millis } = await runOnce(['compact', '--lake', whole, '--json'], null);
  expect(await answers(whole)).toBe(expected);
  const lake = join(folder, 'growing');
  const collect = (name: string) =>
    runOnce(['collect', join(folder, 'in', name), '--lake', lake, '--json'], null);
  await collect('trail-0.json.gz');
  const r = random(Number(process.env['AKASHI_SEED'] ?? 20261123));
  const rounds = Math.max(3, Math.min(11, Math.floor(KILLS / 20)));
  for (let round = 1; round <= rounds; round++) {
    const beside = collect(`trail-${round}.json.gz`);
    await runOnce(['compact', '--lake', lake, '--json'], millis * (0.3 + 0.9 * r.next()));
    await beside;
    await collect(`flow-${round}.log.gz`);
    expect(await verify(await openLake(lake), { deep: true })).toMatchObject({ ok: true, problems: [] });
  }
  await collectOnce(lake, null);
  await runOnce(['compact', '--lake', lake, '--json'], null);
  expect(await answers(lake)).toBe(expected);
  expect(await verify(await openLake(lake), { rederive: true })).toMatchObject({ ok: true, problems: [] });
});
