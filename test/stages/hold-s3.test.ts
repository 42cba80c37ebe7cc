/** A hold on S3 is S3's own legal hold. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { collect } from '../../stages/collect.ts';
import { placeHold, releaseHold } from '../../stages/hold.ts';
import { objectsBetween } from '../../stages/hold-objects.ts';
import { readVkey } from '../../stages/ledger.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake } from '../../vault/lake.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { scratchFolder } from '../vault/scratch.ts';
import { BY } from './memory-lake.ts';

useTestCredentials();
const newFolder = scratchFolder();
const double = new S3Double();
const home = process.env['AKASHI_HOME'];
afterAll(async () => {
  await double.stop();
  if (home === undefined) delete process.env['AKASHI_HOME'];
  else process.env['AKASHI_HOME'] = home;
});

test('it is on for what any case holds, off for the rest, and missed when somebody takes it off', async () => {
  const folder = await newFolder();
  process.env['AKASHI_HOME'] = join(folder, 'home');
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'trail.json'), trailFile(1, 2, 1_700_000_000));
  double.addBucket('vault', true);
  double.addBucket('state', false);
  const lake = await openLake(`s3://vault/trail?state=state&endpoint=${await double.start()}&retention=30`);
  await collect(lake, [join(folder, 'in')], { threads: 1, by: BY });
  const identity = await readVkey(lake.root);
  const { objects } = await objectsBetween(lake, { from: 0, to: 2e15 }, null);
  const held = () =>
    [...double.buckets.get('vault')!.keys]
      .filter(([, versions]) => versions.some((one) => one.held))
      .map(([key]) => key);
  const now = Date.now() * 1000;
  await placeHold(lake, identity, { case: 'A', scope: 'all', objects, by: BY, now });
  await placeHold(lake, identity, { case: 'B', scope: 'all', objects, by: BY, now });
  const all = held();
  expect(all.length).toBeGreaterThan(objects.size);
  expect(await releaseHold(lake, identity, { case: 'A', by: BY, now })).toMatchObject({
    shared: objects.size,
  });
  expect(held()).toEqual(all);
  await sealWaiting(lake);
  const problems = async () => (await verify(lake, { deep: true, threads: 1 })).problems;
  expect(await problems()).toEqual([]);
  const [key] = [...objects];
  await lake.vault.setLegalHold!(key!, false);
  expect(await problems()).toMatchObject([{ code: 'HOLD_MISSING', key }]);
  await releaseHold(lake, identity, { case: 'B', by: BY, now });
  expect(held()).toEqual([]);
});
