/** What is held is known by what is asked, not by reading all that the lake holds; and nothing is sealed twice for it. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collect } from '../../stages/collect.ts';
import { headFacts } from '../../stages/custody.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { heldName, heldSince } from '../../stages/held-objects.ts';
import { runJob } from '../../stages/job.ts';
import { openLedger } from '../../stages/ledger.ts';
import { seal } from '../../stages/seal.ts';
import { sealedAmong } from '../../stages/sealed-bodies.ts';
import { readHead } from '../../tables/head.ts';
import { drainPending, preserveMany } from '../../vault/evidence.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { trailLog } from '../functions/world.ts';
import { codeOf, scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const DAY = 86_400e6;
const BEGIN = 1_773_136_800_000_000;

/** A lake whose vault tells which data files of the evidence table were read. */
async function countedLake(): Promise<{ lake: Lake; reads: string[] }> {
  const lake = await openLake(join(await newFolder(), 'lake'));
  const reads: string[] = [];
  const { vault } = lake;
  const get: typeof vault.get = (key) => {
    if (/tables\/evidence\/data\/.*parquet$/.test(key)) reads.push(key);
    return vault.get(key);
  };
  return { lake: { ...lake, vault: { ...vault, get } }, reads };
}

const origin = (number: number): string => `s3://example-trail/${number}`;

async function preserved(lake: Lake, number: number, name = origin(number)) {
  const { head } = await readHead(lake.state);
  const request = {
    source: 'aws.cloudtrail',
    role: 'records',
    body: Buffer.from(trailLog(number)),
    provenance: {
      origin: name,
      versionId: null,
      metadata: { ETag: `e${number}` },
      modified: null,
      receivedAt: BEGIN + number * DAY,
      collector: 'akashi/test',
    },
  } as const;
  return (await preserveMany(lake, [request], headFacts(head).headSize))[0]!;
}

const sealAll = (lake: Lake) => collect(lake, [], { threads: 1 });
const manifestsOf = async (lake: Lake) => {
  const found = [];
  for await (const item of drainPending(lake.state)) if ('manifest' in item) found.push(item.manifest);
  return found;
};

test('a seal of new bodies reads none of the evidence table, and one of bodies stored before finds them there', async () => {
  const { lake, reads } = await countedLake();
  for (let number = 0; number < 5; number++) {
    await preserved(lake, number);
    expect(await sealAll(lake)).toMatchObject({ objects: 1, events: 1 });
  }
  expect(reads).toEqual([]);
  // The same bytes under another name: the vault held them, so nobody knows since when they may be sealed.
  await preserved(lake, 2, 's3://example-trail/renamed');
  expect((await manifestsOf(lake)).map(({ ledgerBefore }) => ledgerBefore)).toEqual([undefined]);
  expect(await sealAll(lake)).toMatchObject({ objects: 0, leftObjects: 0 });
  expect(await manifestsOf(lake)).toEqual([]);
  expect(new Set(reads).size).toBe(5);
}, 30_000);

test('a body whose manifest outlived its seal is found in the entries since', async () => {
  const { lake, reads } = await countedLake();
  await preserved(lake, 1);
  await sealAll(lake);
  const { pendingKey } = await preserved(lake, 2);
  const { body } = await lake.state.get(pendingKey);
  await preserved(lake, 3);
  await sealAll(lake);
  // As after a crash between the swap of the head and the removal.
  await lake.state.putIfUnchanged(pendingKey, body, null);
  const { sealed, look } = await sealedAmong(lake, await manifestsOf(lake));
  expect([sealed.size, look?.since.size]).toEqual([2, 0]);
  expect(await sealAll(lake)).toMatchObject({ objects: 0 });
  expect(await manifestsOf(lake)).toEqual([]);
  expect(reads).toEqual([]);
});

test('one that another sealer took meanwhile is refused at the seal', async () => {
  const { lake } = await countedLake();
  await preserved(lake, 1);
  await sealAll(lake);
  await preserved(lake, 2);
  const waiting = await manifestsOf(lake);
  const { look } = await sealedAmong(lake, waiting);
  const result = await runJob(lake, waiting, EXPANSION_LIMITS);
  await sealAll(lake);
  expect(await codeOf(seal(lake, await openLedger(lake), [result], [], { look }))).toBe('LAKE_CHANGED');
});

test('names are read from when they are asked for, and no file twice', async () => {
  const { lake, reads } = await countedLake();
  for (let number = 0; number < 20; number++) {
    await preserved(lake, number);
    await sealAll(lake);
  }
  await preserved(lake, 20);
  reads.length = 0;
  const names = await heldSince(lake, 'aws.cloudtrail', BEGIN + 17 * DAY, 4);
  for (let number = 17; number <= 20; number++)
    expect(names).toContain(heldName(origin(number), `e${number}`));
  // Those of the days that were asked for and the day before, and some to find where they begin.
  expect(reads.length).toBeLessThan(10);
  expect(names).not.toContain(heldName(origin(3), 'e3'));
  const before = reads.length;
  await heldSince(lake, 'aws.cloudtrail', BEGIN + 17 * DAY, 4);
  expect(reads.length).toBe(before);
  const all = await heldSince(lake, 'aws.cloudtrail', 0, 4);
  expect(all.size).toBe(21);
}, 60_000);
