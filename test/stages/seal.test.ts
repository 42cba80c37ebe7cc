import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { collect } from '../../stages/collect.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { runJob } from '../../stages/job.ts';
import { openLedger } from '../../stages/ledger.ts';
import { readInbox, sealedEvidence } from '../../stages/recover.ts';
import { seal } from '../../stages/seal.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Manifest } from '../../vault/manifest.ts';
import { codeOf } from '../vault/scratch.ts';
import { answersOf, mustBeWhole, survives, undisturbed } from './crash.ts';
import { FATES, watched } from './faulty-lake.ts';
import { newWorld, rowsIn, storesOf, verification, Workshop, type World } from './memory-lake.ts';

let shop: Workshop;
let world: World;
let stores: Stores;
beforeEach(() => {
  shop = new Workshop();
  world = newWorld();
  stores = storesOf(world);
});
afterEach(() => shop.close());

const trail = (seed: number, count = 2) =>
  shop.file(`trail-${seed}.json`, trailFile(seed, count, 1_700_000_000));
const flows = (seed: number) => shop.file(`flows-${seed}.log`, flowFile(seed, 2, 1_700_000_000));
/** The same events as `trail(seed)` in another shape, so that it is another body. */
const copyOfTrail = (seed: number) => {
  const { Records } = JSON.parse(trailFile(seed, 2, 1_700_000_000)) as { Records: object[] };
  return shop.file(`copy-${seed}.ndjson`, Records.map((record) => JSON.stringify(record)).join('\n'));
};

describe('a collect broken at some write and run again', () => {
  // Every write with every fate: test/slow/crash.slow.ts.
  test.each(FATES)('%s', async (fate) => {
    const paths = [trail(1), flows(1)];
    const base = newWorld();
    const expected = await undisturbed(shop, base, paths);
    for (const at of [1, 3, 6, 9, 12, 15, 18, 20, 21, 23])
      expect(await survives(shop, base, paths, expected, at, fate)).toBe(true);
  });
});

describe('fingerprints of identities', () => {
  const indexKeys = () => [...world.inState.keys()].filter((key) => key.endsWith('.identities'));

  test.each<[string, (bytes: Uint8Array) => Uint8Array | null]>([
    ['removed', () => null],
    ['empty', () => new Uint8Array()],
    ['cut short', (bytes) => bytes.subarray(0, -8)],
    ['with one bit flipped', (bytes) => bytes.with(3, bytes[3]! ^ 1)],
    ['another file’s', () => Buffer.from('not fingerprints at all, whatever they are')],
  ])('%s are made again, and copies of events are still found', async (_, damage) => {
    await shop.collect(stores, trail(1), flows(1));
    const before = new Map(indexKeys().map((key) => [key, world.inState.get(key)!]));
    expect(before.size).toBe(2);
    for (const [key, bytes] of before) {
      const damaged = damage(bytes);
      if (damaged === null) world.inState.delete(key);
      else world.inState.set(key, damaged);
    }
    expect(await shop.collect(stores, copyOfTrail(1))).toMatchObject({ events: 2, duplicateEvents: 2 });
    const { overlapDays } = await readTable(stores.vault, (await readHead(stores.state)).head, 'events');
    expect(overlapDays).toEqual(['2023-11-14']);
    const [events] = [...before.keys()].filter((key) => key.startsWith('index/events'));
    expect(Buffer.from(world.inState.get(events!)!)).toEqual(Buffer.from(before.get(events!)!));
    expect(await verification(world, await shop.identity(), { rederive: true })).toMatchObject({
      problems: [],
    });
  });
});

describe('nothing is built on what was altered', () => {
  const headText = () => Buffer.from(world.inState.get('head')!).toString();
  const setHead = (
    edit: (head: { tables: Record<string, string>; tails: Record<string, number> }) => void,
  ) => {
    const head = JSON.parse(headText());
    edit(head);
    world.inState.set('head', Buffer.from(JSON.stringify(head)));
  };

  beforeEach(async () => {
    await shop.collect(stores, trail(1), flows(1));
    await shop.collect(stores, trail(2));
  });

  test('a head that names an older table is refused', async () => {
    const older = [...world.inVault.keys()].find((key) => key.startsWith('tables/events/metadata/00001-'))!;
    setHead(({ tables }) => {
      tables['events'] = older;
    });
    expect(await codeOf(shop.collect(stores, trail(3)))).toBe('HEAD_DAMAGED');
  });

  test('a head that forgot a table is refused', async () => {
    setHead(({ tables }) => {
      delete tables['flows'];
    });
    expect(await codeOf(shop.collect(stores, flows(3)))).toBe('HEAD_DAMAGED');
  });

  test('a head whose streams end elsewhere is refused', async () => {
    setHead(({ tails }) => {
      tails['evidence/aws.cloudtrail'] = 1;
    });
    expect(await codeOf(shop.collect(stores, trail(3)))).toBe('HEAD_DAMAGED');
    setHead(({ tails }) => {
      tails['evidence/aws.cloudtrail'] = 10_000;
    });
    expect(await codeOf(shop.collect(stores, trail(3)))).toBe('HEAD_DAMAGED');
  });

  test('a table from whose list a file was taken is refused', async () => {
    const key = (await readHead(stores.state)).head.tables.events!;
    const metadata = JSON.parse(Buffer.from(world.inVault.get(key)!).toString()) as {
      akashi: { files: unknown[] };
    };
    metadata.akashi.files.pop();
    world.inVault.set(key, Buffer.from(JSON.stringify(metadata)));
    expect(await codeOf(shop.collect(stores, trail(3)))).toBe('TABLE_DAMAGED');
  });

  test('what was collected waits, and is sealed once the head is right again', async () => {
    const right = world.inState.get('head')!;
    setHead(({ tables }) => {
      delete tables['flows'];
    });
    expect(await codeOf(shop.collect(stores, trail(3)))).toBe('HEAD_DAMAGED');
    world.inState.set('head', right);
    expect(await shop.collect(stores, trail(3))).toMatchObject({ recoveredObjects: 1, events: 2 });
    await mustBeWhole(world, await shop.identity(), [Buffer.from(JSON.parse(headText()).checkpoint)]);
  });
});

describe('two sealers on one lake, with nothing to keep them apart', () => {
  /** A second place for locks, with the same keys. */
  function secondRoot(): string {
    const root = join(shop.folder, 'other');
    for (const name of ['.tmp', 'state', 'vault', 'keys']) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['ledger.vkey', 'keys/ledger.pem'])
      copyFileSync(join(shop.root, name), join(root, name));
    chmodSync(join(root, 'keys/ledger.pem'), 0o600);
    return root;
  }

  /** Preserves, reads the inbox and seals it, as a collect does, giving way to the other between any two calls. */
  async function sealInbox(own: Stores, root: string): Promise<string> {
    const lake = shop.lakeOf(own, root);
    const inbox = await readInbox(own, await sealedEvidence(own));
    if (inbox.manifests.length === 0) return 'nothing left';
    const result = await runJob(own, inbox.manifests, EXPANSION_LIMITS);
    return seal(own, await openLedger(lake), [result], inbox.keys).then(
      () => 'sealed',
      (error: { code: string }) => error.code,
    );
  }

  /** Waits a little before each call, by a fixed seed. */
  function paused({ vault, state }: Stores, seed: number): Stores {
    let random = seed;
    const pause = async () => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      for (let turns = random % 5; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    };
    const slow = <F extends (...words: never[]) => Promise<unknown>>(work: F): F =>
      (async (...words: never[]) => {
        await pause();
        return work(...words);
      }) as F;
    return {
      vault: {
        ...vault,
        putManyIfAbsent: slow(vault.putManyIfAbsent),
        putIfAbsent: slow(vault.putIfAbsent),
        get: slow(vault.get),
      },
      state: {
        ...state,
        putManyIfAbsent: slow(state.putManyIfAbsent),
        putIfUnchanged: slow(state.putIfUnchanged),
        get: slow(state.get),
        stat: slow(state.stat),
        remove: slow(state.remove),
      },
    };
  }

  test('never fork it, and seal each body once', async () => {
    await shop.collect(stores, trail(1));
    const other = secondRoot();
    const published: Uint8Array[] = [];
    const outcomes: string[] = [];
    for (let round = 0; round < 6; round++) {
      // Preserved and left in the inbox, where both find them.
      const interrupted = {
        ...stores,
        state: { ...stores.state, putIfUnchanged: () => Promise.reject(new Error('stop')) },
      };
      await shop.collect(interrupted, trail(100 + round), flows(100 + round)).catch(() => {});
      const sealers = [shop.root, other].map((root, at) =>
        sealInbox(paused(watched(stores, published), 7 * round + at + 1), root),
      );
      outcomes.push(...(await Promise.all(sealers)));
      // Whoever lost begins again.
      outcomes.push(await sealInbox(watched(stores, published), other));
    }
    expect(outcomes.filter((outcome) => outcome === 'sealed').length).toBe(6);
    expect(new Set(outcomes)).toEqual(
      new Set(['sealed', 'nothing left', ...outcomes.filter((code) => /CHANGED/.test(code))]),
    );
    expect(await rowsIn(stores, 'evidence')).toHaveLength(13);
    await mustBeWhole(world, await shop.identity(), published);
  });

  test('one that took a body for new before another sealed it refuses to seal it twice', async () => {
    await shop.collect(stores, trail(1));
    const late = storesOf(world);
    const inboxBefore = await sealedEvidence(late);
    await shop.collect(stores, trail(2));
    const manifest = manifestOf(trail(2));
    expect(inboxBefore.has(manifest.sha256)).toBe(false);
    const result = await runJob(late, [manifest], EXPANSION_LIMITS);
    const ledger = await openLedger(shop.lakeOf(late, secondRoot()));
    expect(await codeOf(seal(late, ledger, [result], []))).toBe('LAKE_CHANGED');
    expect(await verification(world, await shop.identity())).toMatchObject({ problems: [] });
  });

  function manifestOf(path: string): Manifest {
    const body = readFileSync(path);
    return {
      format: 1,
      source: 'aws.cloudtrail',
      role: 'records',
      sha256: hashBytes(body),
      size: body.length,
      origin: path,
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: 1,
      collector: 'test',
    };
  }
});

describe('the key of the ledger', () => {
  const vkey = () => join(shop.root, 'ledger.vkey');
  const pem = () => join(shop.root, 'keys/ledger.pem');

  test('ledger.vkey is written again when it is gone', async () => {
    await shop.collect(stores, trail(1));
    const before = readFileSync(vkey(), 'utf8');
    rmSync(vkey());
    await shop.collect(stores, trail(2));
    expect(readFileSync(vkey(), 'utf8')).toBe(before);
    expect(await verification(world, await shop.identity())).toMatchObject({ problems: [] });
  });

  test('no new key takes the place of one that is gone', async () => {
    await shop.collect(stores, trail(1));
    for (const gone of [[pem()], [pem(), vkey()]]) {
      for (const path of gone) rmSync(path, { force: true });
      expect(await codeOf(shop.collect(stores, trail(2)))).toBe('KEY_MISSING');
      for (const path of gone) expect(() => readFileSync(path)).toThrow('ENOENT');
    }
  });

  test('another key is refused, whether ledger.vkey is there or not', async () => {
    await shop.collect(stores, trail(1));
    const other = new Workshop();
    await other.collect(storesOf(newWorld()), trail(1));
    writeFileSync(pem(), readFileSync(join(other.root, 'keys/ledger.pem')));
    other.close();
    expect(await codeOf(shop.collect(stores, trail(2)))).toBe('KEY_CHANGED');
    rmSync(vkey());
    expect(await codeOf(shop.collect(stores, trail(2)))).toBe('KEY_CHANGED');
    expect(() => readFileSync(vkey())).toThrow('ENOENT');
  });
});

test('bodies received or read otherwise than by a run that died before its seal are sealed all the same', async () => {
  const paths = [trail(1)];
  const interrupted = {
    ...stores,
    state: { ...stores.state, putIfUnchanged: () => Promise.reject(new Error('stop')) },
  };
  await shop.collect(interrupted, ...paths).catch(() => {});
  const left = [...world.inVault.keys()].filter((key) => key.startsWith('tables/evidence/data/'));
  expect(left).toHaveLength(2);
  // The manifest is lost with the inbox: the next run receives the body at another time.
  for (const key of [...world.inState.keys()]) if (key.startsWith('pending/')) world.inState.delete(key);
  const lake = shop.lakeOf(stores);
  expect(await collect(lake, paths, { threads: 1, now: () => 1_760_000_000_000 })).toMatchObject({
    events: 2,
  });
  expect((await answersOf(stores))[3]).toHaveLength(1);
  const found = await verification(world, await shop.identity(), { rederive: true });
  expect(found).toMatchObject({ ok: true, problems: [] });
  expect(found.orphans).toEqual(expect.arrayContaining(left));
});
