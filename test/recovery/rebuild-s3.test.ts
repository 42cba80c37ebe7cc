/** The same on S3: the state store's bucket emptied, tables deleted as far as S3 lets them go. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { compact } from '../../compaction/compact.ts';
import { trustedKey } from '../../recovery/identity.ts';
import { rebuild } from '../../recovery/rebuild.ts';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake } from '../../vault/lake.ts';
import { answersOf } from '../stages/crash.ts';
import { BY } from '../stages/memory-lake.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';
import { scratchFolder } from '../vault/scratch.ts';

useTestCredentials();
const newFolder = scratchFolder();
const double = new S3Double();
const home = process.env['AKASHI_HOME'];
afterAll(async () => {
  await double.stop();
  if (home === undefined) delete process.env['AKASHI_HOME'];
  else process.env['AKASHI_HOME'] = home;
});

test('a lake in buckets is whole again, with the root that was sealed, the same bytes and answers', async () => {
  const folder = await newFolder();
  process.env['AKASHI_HOME'] = join(folder, 'home');
  mkdirSync(join(folder, 'in'));
  const file = (name: string, text: string) => writeFileSync(join(folder, 'in', name), text);
  double.addBucket('vault', true);
  double.addBucket('state', false);
  const address = `s3://vault/trail?state=state&endpoint=${await double.start()}&retention=30`;
  const lake = await openLake(address);
  const sealed = async () => (await collect(lake, [join(folder, 'in')], { threads: 1, by: BY })).checkpoint!;
  file('trail.json', trailFile(1, 3, 1_700_000_000));
  file('flows.log', flowFile(1, 3, 1_700_000_000));
  await sealed();
  file('more.json', trailFile(2, 3, 1_700_000_000));
  await sealed();
  await compact(lake, { here: true, locks: false });
  file('last.json', trailFile(3, 3, 1_700_000_000));
  const checkpoint = await sealed();
  const answers = await answersOf(lake);

  const { keys: inVault } = double.buckets.get('vault')!;
  const before = new Map([...inVault].map(([key, versions]) => [key, versions.at(-1)!.body]));
  double.buckets.get('state')!.keys.clear();
  for (const key of [...inVault.keys()]) if (key.includes('/tables/')) inVault.delete(key);
  const empty = await openLake(address);
  const result = await rebuild(empty, await trustedKey(empty, undefined));
  expect(result.checkpoint).toMatchObject(checkpoint);
  expect(result).toMatchObject({ head: 'none', derived: null, tables: { lostLive: [], lostLists: [] } });
  expect(result.tables.restored).toBe(result.tables.missing);
  for (const [key, body] of before)
    expect([key, inVault.get(key)?.at(-1)?.body.equals(body)]).toEqual([key, true]);
  expect(await answersOf(empty)).toEqual(answers);
  expect((await verify(empty, { deep: true, threads: 1 })).problems).toEqual([]);
}, 60_000);
