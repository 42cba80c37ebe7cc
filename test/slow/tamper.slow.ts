/** Every bit of every stored byte of a small lake, flipped one at a time; larger lakes by sample; and no false alarms. */

import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { random } from '../../bench/random.ts';
import { compacted, copyOfTrail } from '../compaction/lake.ts';
import { FATES, faultyLake } from '../stages/faulty-lake.ts';
import {
  copyOf,
  halfOf,
  newWorld,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';
import { bytesIn, classNameOf, keysIn, type TamperLake, tamperLake } from '../stages/tamper.ts';
import type { TamperAnswer, TamperStart, TamperTask } from './tamper-worker.ts';

let shop: Workshop;
let lake: TamperLake;
beforeAll(async () => {
  shop = new Workshop();
  lake = await tamperLake(shop);
});
afterAll(() => shop.close());

const TASK_BYTES = 256;

/** Runs tasks on all cores and adds up what they say. */
async function runTasks(
  { world, identity }: TamperLake,
  tasks: TamperTask[],
): Promise<{ flips: number; whole: number; wrong: string[] }> {
  const total = { flips: 0, whole: 0, wrong: [] as string[] };
  const workerData: TamperStart = { world, vkey: identity.verifiers[0]!.vkey };
  const threads = Array.from({ length: availableParallelism() }, async () => {
    const worker = new Worker(new URL('./tamper-worker.ts', import.meta.url), { workerData });
    try {
      for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
        worker.postMessage(task);
        const [answer] = (await once(worker, 'message')) as [TamperAnswer];
        total.flips += answer.flips;
        total.whole += answer.whole;
        total.wrong.push(...answer.wrong);
      }
    } finally {
      await worker.terminate();
    }
  });
  await Promise.all(threads);
  return total;
}

/** Tasks for every bit, or for about so many of them. */
function tasksOver(world: World, keys: readonly string[], sample = Number.POSITIVE_INFINITY): TamperTask[] {
  const sizes = keys.map((key) => ({ key, size: halfOf(world, key).get(key)!.length }));
  const bits = sizes.reduce((sum, { size }) => sum + size * 8, 0);
  // A prime distance visits all bits of a byte in turn.
  const every = Math.max(1, nextPrime(Math.floor(bits / sample)));
  return sizes.flatMap(({ key, size }) =>
    Array.from({ length: Math.ceil(size / TASK_BYTES) }, (_, at) => ({
      key,
      from: at * TASK_BYTES,
      to: Math.min(size, (at + 1) * TASK_BYTES),
      every,
    })),
  );
}

function nextPrime(from: number): number {
  for (let number = from; ; number++) {
    let divisor = 2;
    while (divisor * divisor <= number && number % divisor !== 0) divisor++;
    if (divisor * divisor > number) return number;
  }
}

test('every bit of a lake at rest', async () => {
  expect(bytesIn(lake.world)).toBeLessThanOrEqual(64 * 1024);
  const started = performance.now();
  const { flips, whole, wrong } = await runTasks(lake, tasksOver(lake.world, keysIn(lake.world)));
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(flips).toBe(bytesIn(lake.world) * 8);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${flips} flips, ${whole} of them verified whole, in ${seconds.toFixed(0)} s`);
});

test('every bit of an inbox and of a staging bundle', async () => {
  const path = shop.file('third.log', flowFile(3, 1, 1_700_000_000));
  for (let at = 1; ; at++) {
    const world = copyOf(lake.world);
    const faulty = faultyLake(storesOf(world), at, 'killed after it');
    const outcome = await shop.collect(faulty, path).catch((error: Error) => error.message);
    if (typeof outcome !== 'string' || !outcome.endsWith(', head.')) continue;
    const keys = keysIn(world).filter((key) => ['pending', 'staging'].includes(classNameOf(key)));
    expect(keys.length).toBe(2);
    const { flips, wrong } = await runTasks({ ...lake, world }, tasksOver(world, keys, 20_000));
    expect(wrong.slice(0, 20)).toEqual([]);
    console.log(`${flips} flips in ${keys.join(', ')}`);
    return;
  }
});

test('a lake whose ledger has full tiles, by sample', async () => {
  const world = newWorld();
  for (const part of [0, 1]) {
    const paths = Array.from({ length: 140 }, (_, at) =>
      shop.file(`many-${part}-${at}.log`, flowFile(1000 + part * 500 + at, 1, 1_700_000_000)),
    );
    await shop.collect(storesOf(world), ...paths);
  }
  const large: TamperLake = { ...lake, before: world, world };
  expect(await verification(world, lake.identity)).toMatchObject({ ok: true });
  const keys = keysIn(world);
  for (const name of ['tile', 'entries', 'partialTile', 'partialEntries'])
    expect(keys.some((key) => classNameOf(key) === name)).toBe(true);
  const ledger = keys.filter((key) => key.startsWith('ledger/') || key === 'head');
  const rest = keys.filter((key) => !ledger.includes(key));
  for (const [some, sample] of [
    [ledger, 2500],
    [rest, 7500],
  ] as const) {
    const { flips, wrong } = await runTasks(large, tasksOver(world, some, sample));
    expect(wrong.slice(0, 20)).toEqual([]);
    console.log(`${flips} flips in ${some.length} objects of ${bytesIn(world)} bytes`);
  }
});

test('every byte of the lists that a compaction wrote, and its data and what it replaced by sample', async () => {
  const world = copyOf(lake.world);
  await shop.collect(storesOf(world), copyOfTrail(shop, 1, 1));
  const before = copyOf(world);
  await compacted(shop, storesOf(world));
  expect(await verification(world, lake.identity, { rederive: true })).toMatchObject({ ok: true });
  const fresh = [...world.inVault.keys()].filter((key) => !before.inVault.has(key));
  const parquet = fresh.filter((key) => key.endsWith('.parquet'));
  const rest = fresh.filter((key) => !key.endsWith('.parquet') && key.startsWith('tables/'));
  const old = [...before.inVault.keys()].filter((key) => key.startsWith('tables/'));
  const bytesOf = (keys: readonly string[]) =>
    keys.reduce((sum, key) => sum + world.inVault.get(key)!.length, 0);
  for (const [keys, sample] of [
    // One bit in seven: some bit of every byte.
    [rest, (bytesOf(rest) * 8) / 7],
    [parquet, 10_000],
    [old, 2000],
  ] as const) {
    const { flips, wrong } = await runTasks({ ...lake, before, world }, tasksOver(world, keys, sample));
    expect(wrong.slice(0, 20)).toEqual([]);
    console.log(`${flips} flips in ${keys.length} objects`);
  }
});

test('any two objects of the vault exchanged', async () => {
  const keys = [...lake.world.inVault.keys()];
  for (const [at, a] of keys.entries()) {
    for (const b of keys.slice(at + 1)) {
      const copy = copyOf(lake.world);
      copy.inVault.set(a, lake.world.inVault.get(b)!);
      copy.inVault.set(b, lake.world.inVault.get(a)!);
      const found = said(await verification(copy, lake.identity));
      expect(new Set(found.map((text) => text.split(' ')[1]))).toEqual(new Set([a, b]));
    }
  }
});

const LAKES = Number(process.env['AKASHI_LAKES'] ?? 1000);

test(`${LAKES} clean lakes, some of them after crashes, raise no alarm`, async () => {
  const r = random(20261122);
  const files = Array.from({ length: 60 }, (_, at) => fileOf(at));
  let crashes = 0;
  for (let made = 0; made < LAKES; ) {
    const world = newWorld();
    for (let seals = 1 + r.below(4); seals > 0 && made < LAKES; seals--, made++) {
      const paths = Array.from({ length: 1 + r.below(3) }, () => files[r.below(files.length)]!);
      const crash = r.below(3) === 0;
      const stores = crash
        ? faultyLake(storesOf(world), 1 + r.below(26), FATES[r.below(FATES.length)]!)
        : storesOf(world);
      await shop.collect(stores, ...paths).catch((error: { code: string }) => {
        expect(error.code).toBe('STORE_FAILED');
        crashes++;
      });
      // As the crash left it, or after the next run: clean.
      if (crash && r.below(2) === 0) await shop.collect(storesOf(world), ...paths);
      const options = made % 10 === 0 ? { rederive: true } : { deep: made % 2 === 0 };
      expect([made, ...said(await verification(world, lake.identity, options))]).toEqual([made]);
    }
  }
  console.log(`${LAKES} lakes, ${crashes} of them broken while they were written`);
});

/** Small bodies of many kinds: events, flows, copies, broken ones, empty ones, and what nobody recognises. */
function fileOf(at: number): string {
  const time = 1_700_000_000 + (at % 7) * 43_200;
  switch (at % 6) {
    case 0:
      return shop.file(`t-${at}.json`, trailFile(at, 1 + (at % 3), time));
    case 1:
      return shop.file(`f-${at}.log`, flowFile(at, 1 + (at % 4), time));
    case 2: {
      const { Records } = JSON.parse(trailFile(at - 2, 1 + ((at - 2) % 3), time)) as { Records: object[] };
      return shop.file(`c-${at}.ndjson`, Records.map((record) => JSON.stringify(record)).join('\n'));
    }
    case 3:
      return shop.file(`b-${at}.json`, `${trailFile(at, 1, time)}{"a":${at}`);
    case 4:
      return shop.file(`e-${at}.log`, at % 12 === 4 ? '' : `nothing that ${at} systems would write\n`);
    default:
      return shop.file(`u-${at}.bin`, Buffer.from([0x89, 0x50, 0, 0xff, at, 0xfe, 1, 2]));
  }
}
