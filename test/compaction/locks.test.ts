/** What compaction leaves locked on S3, which nobody can remove before its date. */

import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compact } from '../../compaction/compact.ts';
import { expire } from '../../compaction/expire.ts';
import { isCompacted } from '../../compaction/plan.ts';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { Workshop } from '../stages/memory-lake.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { copyOfTrail, LATER, NOON, tableOf, trail } from './lake.ts';

useTestCredentials();
const double = new S3Double();
const shop = new Workshop();
const home = process.env['AKASHI_HOME'];
afterAll(async () => {
  await double.stop();
  shop.close();
  if (home === undefined) delete process.env['AKASHI_HOME'];
  else process.env['AKASHI_HOME'] = home;
});

/** Bytes of Parquet that are locked, and that tables list. */
async function parquet(lake: Lake): Promise<{ locked: number; live: number; openFiles: number }> {
  const { files } = await tableOf(lake, 'events');
  let locked = 0;
  for (const [key, versions] of double.buckets.get('vault')!.keys)
    if (key.includes('/tables/events/') && key.endsWith('.parquet'))
      for (const { retention, body } of versions) if (retention !== null) locked += body.length;
  const openFiles = files.filter(({ key }) => !key.includes('compacted-')).length;
  return { locked, live: files.reduce((sum, { bytes }) => sum + bytes, 0), openFiles };
}

/** Compacted files that the table lists no more, and that are there. */
async function lockedReplaced(lake: Lake): Promise<number> {
  const live = new Set((await tableOf(lake, 'events')).files.map(({ key }) => key));
  let replaced = 0;
  for await (const { key } of lake.vault.list('tables/'))
    if (isCompacted({ key }) && key.startsWith('tables/events/') && !live.has(key)) replaced++;
  return replaced;
}

test('a day is locked once it is closed, and locked Parquet stays within 1.3 times what is live', async () => {
  process.env['AKASHI_HOME'] = join(shop.folder, 'home');
  double.addBucket('vault', true);
  double.addBucket('state', false);
  const lake = await openLake(`s3://vault/trail?state=state&endpoint=${await double.start()}&retention=30`);
  const put = (...paths: string[]) => collect(lake, paths, { threads: 1 });
  const days = [0, 1, 2, 3].map((day) => NOON + day * 86_400);
  await put(...days.map((at, day) => trail(shop, day, 40, at)));
  await put(...days.map((at, day) => trail(shop, 10 + day, 20, at)));
  // In the middle of the last day: that one goes on growing.
  await compact(lake, { now: (days[3]! + 600) * 1e6, here: true });
  expect(await parquet(lake)).toMatchObject({ openFiles: 1 });
  await compact(lake, { now: LATER, here: true });
  const closed = await parquet(lake);
  expect(closed).toMatchObject({ openFiles: 0, locked: closed.live });
  // Late arrivals, new events and copies of old ones, again and again.
  for (const round of [20, 30, 40]) {
    await put(...days.slice(0, 2).map((at, day) => trail(shop, round + day, 5, at)));
    await put(
      copyOfTrail(shop, 0, 40, { 20: function a() {}, 30: function b() {}, 40: function c() {} }[round]),
    );
    await compact(lake, { now: LATER, here: true });
    const { locked, live } = await parquet(lake);
    expect(locked).toBeLessThanOrEqual(1.3 * live);
    expect(await compact(lake, { now: LATER, here: true })).toMatchObject({ days: 0 });
  }
  const later = Date.now() * 1000;
  const expired = await expire(lake, later, later);
  // What is locked stays until its date, whoever asks.
  expect(expired.removed).toBeGreaterThan(10);
  expect(expired.locked).toBe(await lockedReplaced(lake));
  expect(await verify(lake, { deep: true, threads: 1 })).toMatchObject({ problems: [], orphans: [] });
});
