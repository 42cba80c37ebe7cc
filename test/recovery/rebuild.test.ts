import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { type RebuildOptions, type Rebuilt, rebuild } from '../../recovery/rebuild.ts';
import { placeHold, releaseHold } from '../../stages/hold.ts';
import { objectsOfBodies } from '../../stages/hold-objects.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { readHolds } from '../../vault/holds.ts';
import { compacted, copyOfTrail, LATER } from '../compaction/lake.ts';
import { answersOf } from '../stages/crash.ts';
import { faultyLake } from '../stages/faulty-lake.ts';
import {
  BY,
  copyOf,
  newWorld,
  noteOf,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';

const NOW = 1_750_000_000_000_000;
const shop = new Workshop();
let world: World;
let identity: LogIdentity;

const trail = (seed: number, count = 3) =>
  shop.file(`trail-${seed}.json`, trailFile(seed, count, 1_700_000_000));
const flows = (seed: number) =>
  shop.file(`flows-${seed}.log`, `${flowFile(seed, 3, 1_700_000_000)}2 123456789012 eni-1 no\n`);

/** Seals of every kind: bodies, copies, holds, a release, compactions, more bodies after. */
beforeAll(async () => {
  world = newWorld();
  const stores = storesOf(world);
  await shop.collect(stores, trail(1), flows(1));
  await shop.collect(stores, copyOfTrail(shop, 1, 2), flows(2));
  identity = await shop.identity();
  const of = async (name: string) =>
    placeHold(stores, identity, {
      case: name,
      scope: 'a trail',
      objects: (
        await objectsOfBodies(stores, new Set([hashBytes(Buffer.from(trailFile(1, 3, 1_700_000_000)))]))
      ).objects,
      by: BY,
      now: NOW,
    });
  await of('KEPT');
  await of('LET GO');
  await releaseHold(stores, identity, { case: 'LET GO', by: BY, now: NOW });
  await sealWaiting(shop.lakeOf(stores));
  await compacted(shop, stores);
  await shop.collect(stores, trail(3), flows(3));
  await compacted(shop, stores, { now: LATER + 1 });
  await shop.collect(stores, trail(4));
}, 60_000);
afterAll(() => shop.close());

const without = (base: World, lost: (key: string) => boolean, state: boolean): World => {
  const copy = copyOf(base);
  for (const key of [...copy.inVault.keys()]) if (lost(key)) copy.inVault.delete(key);
  if (state) copy.inState.clear();
  return copy;
};
const rebuilt = (of: World, options: RebuildOptions = {}): Promise<Rebuilt> =>
  rebuild(shop.lakeOf(storesOf(of)), identity, { now: NOW + 7200e6, ...options });
const TABLES = (key: string) => key.startsWith('tables/');
const LISTS = (key: string) => key.endsWith('.metadata.json');
const NOTHING = () => false;
/** Without everything in the state store but what is kept of files: nothing needs to be sealed then. */
function withoutState(base: World, lost: (key: string) => boolean): World {
  const broken = without(base, lost, false);
  for (const key of [...broken.inState.keys()]) if (!key.startsWith('index/')) broken.inState.delete(key);
  return broken;
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString('utf8');

describe('a lake is whole again from its vault, with the root that was sealed and the same answers', () => {
  test.each([
    ['the state store', NOTHING, true],
    ['all lists of tables', LISTS, false],
    ['all tables', TABLES, false],
    ['data files of events', (key: string) => key.startsWith('tables/events/data/'), false],
    ['the state store and all tables', TABLES, true],
    ['the state store and the lists of tables', LISTS, true],
  ])('without %s', async (_, lost, state) => {
    const head = text(world.inState.get('head'));
    const answers = await answersOf(storesOf(world));
    const broken = without(world, lost, state);
    const result = await rebuilt(broken);
    expect(result.tables).toMatchObject({ lostLive: [], lostOld: [], lostLists: [], reasons: [] });
    expect(result.tables.restored).toBe(result.tables.missing);
    expect(`${result.checkpoint.size}`).toBe(JSON.parse(head).checkpoint.split('\n')[1]);
    expect(await answersOf(storesOf(broken))).toEqual(answers);
    expect(
      await verification(broken, identity, { rederive: true }, await noteOf(storesOf(world))),
    ).toMatchObject({
      problems: [],
    });
    for (const [key, bytes] of world.inVault) expect([key, broken.inVault.get(key)]).toEqual([key, bytes]);
  });
});

describe('what the ledger remembers comes back', () => {
  test('the head, byte for byte, and who holds what', async () => {
    const broken = withoutState(world, NOTHING);
    const result = await rebuilt(broken);
    expect(result).toMatchObject({ head: 'none', holds: 1, sealed: null, indexed: null, derived: null });
    expect(text(broken.inState.get('head'))).toBe(text(world.inState.get('head')));
    // Narrower forms of tiles, which nobody needs, are not.
    expect([...world.inState.keys()]).toEqual(expect.arrayContaining([...broken.inState.keys()]));
    const { record } = await readHolds(storesOf(broken).state);
    const { record: before } = await readHolds(storesOf(world).state);
    expect(record.holds).toEqual(before.holds);
    expect(record.releases).toEqual([]);
    const flags = (of: World) =>
      [...of.inVault.keys()].filter((key) => key.startsWith('.holds/') && !key.includes('/ledger/')).sort();
    expect(flags(broken)).toEqual(flags(world));
  });

  test('and in a lake that lacks nothing, nothing is done', async () => {
    const copy = copyOf(world);
    const result = await rebuilt(copy);
    expect(result).toMatchObject({ head: 'same', orphans: null, sealed: null, tables: { missing: 0 } });
    expect(copy).toEqual(world);
  });

  test('killed at one of its writes and run again, it ends the same', async () => {
    const lost = (key: string) => /^tables\/(events|custody)\//.test(key);
    const head = text(world.inState.get('head'));
    for (const fate of ['killed after it', 'stored, answer lost'] as const)
      for (let at = 1; ; at += fate === 'killed after it' ? 11 : 31) {
        const broken = withoutState(world, lost);
        const faulty = faultyLake(storesOf(broken), at, fate);
        const act = (stores: Stores) => rebuild(shop.lakeOf(stores), identity, { now: NOW + 7200e6 });
        await act(faulty).catch(() => {});
        if (faulty.written() < at) {
          expect(at).toBeGreaterThan(40);
          break;
        }
        const again = await act(storesOf(broken));
        expect([at, again.tables.lostLists, again.tables.lostOld, again.tables.reasons]).toEqual([
          at,
          [],
          [],
          [],
        ]);
        expect(text(broken.inState.get('head'))).toBe(head);
        for (const [key, bytes] of world.inVault)
          if (broken.inVault.get(key) !== bytes) expect([key, broken.inVault.get(key)]).toEqual([key, bytes]);
      }
  }, 60_000);

  test('bodies that waited in the inbox, sealed as what they are', async () => {
    const waiting = copyOf(world);
    const refusing = {
      ...storesOf(waiting),
      state: { ...storesOf(waiting).state, putIfUnchanged: () => Promise.reject(new Error('stop')) },
    };
    await shop.collect(refusing, trail(7), flows(7)).catch(() => {});
    const whole = copyOf(waiting);
    await shop.collect(storesOf(whole));
    const broken = without(waiting, NOTHING, true);
    const result = await rebuilt(broken);
    expect(result.orphans).toEqual({ taken: 2, withOrigin: 2 });
    expect(await verification(broken, identity, { rederive: true })).toMatchObject({ problems: [] });
    expect(await answersOf(storesOf(broken))).toEqual(await answersOf(storesOf(whole)));
  });

  test('bodies of which nothing but the bytes is left', async () => {
    const broken = without(world, NOTHING, true);
    const body = Buffer.from(trailFile(9, 2, 1_700_000_000));
    broken.inVault.set(`evidence/aws.cloudtrail/${hashBytes(body).slice(0, 2)}/${hashBytes(body)}`, body);
    broken.inVault.set(
      `evidence/aws.cloudtrail/ab/${'ab'.repeat(32)}`,
      Buffer.from('not what its name says'),
    );
    const result = await rebuilt(broken);
    expect(result.orphans).toEqual({ taken: 1, withOrigin: 0 });
    expect(result.passedOver).toMatchObject([{ problem: 'its bytes are not those its name was made from' }]);
    expect((await answersOf(storesOf(broken)))[0]).toHaveLength(
      (await answersOf(storesOf(world)))[0]!.length + 2,
    );
  });
});

describe('what somebody left or took away', () => {
  const checkpoints = (of: World) =>
    [...of.inVault.keys()]
      .filter((key) => key.startsWith('ledger/checkpoints/'))
      .sort((a, b) => Number(a.split('/')[2]) - Number(b.split('/')[2]));

  test('checkpoints that nobody signed, growths and state objects of anybody are not believed, and are named', async () => {
    const broken = without(world, NOTHING, true);
    broken.inVault.set('ledger/checkpoints/999999', Buffer.from('not a checkpoint'));
    broken.inVault.set('ledger/checkpoints/888888', broken.inVault.get(checkpoints(world).at(-1)!)!);
    const size = checkpoints(world).at(-1)!.split('/')[2];
    broken.inVault.set(`ledger/growth/${size}-${'0'.repeat(64)}`, Buffer.from('{}'));
    broken.inState.set('head', Buffer.from('{'));
    broken.inState.set('holds', Buffer.from('{'));
    broken.inState.set('ledger/checkpoint', Buffer.from('?'));
    for (const key of world.inState.keys()) if (/\.p\//.test(key)) broken.inState.set(key, Buffer.from('?'));
    const result = await rebuilt(broken);
    expect(result.head).toBe('unreadable');
    expect(result.passedOver.map(({ key }) => key)).toEqual([
      'ledger/checkpoints/999999',
      'ledger/checkpoints/888888',
      `ledger/growth/${size}-${'0'.repeat(64)}`,
    ]);
    expect(await answersOf(storesOf(broken))).toEqual(await answersOf(storesOf(world)));
  });

  test('the newest checkpoint taken away is a roll-back, and named where a head is known', async () => {
    const broken = without(world, NOTHING, true);
    broken.inVault.delete(checkpoints(world).at(-1)!);
    const before = copyOf(broken);
    const known = (await noteOf(storesOf(world)))!;
    await expect(rebuilt(broken, { known })).rejects.toMatchObject({ code: 'LEDGER_ROLLED_BACK' });
    expect(broken).toEqual(before);
  });

  test('the newest entries taken away: an older checkpoint is not gone on from', async () => {
    const broken = without(world, (key) => key.startsWith('ledger/growth/'), true);
    await expect(rebuilt(broken)).rejects.toMatchObject({ code: 'LEDGER_INCOMPLETE' });
    expect(broken.inState.size).toBe(0);
  });

  test('a vault without a checkpoint, and the key of another log', async () => {
    await expect(rebuilt(newWorld())).rejects.toMatchObject({ code: 'REBUILD_NOTHING' });
    const other = { ...identity, origin: 'other.example.com' };
    await expect(rebuild(shop.lakeOf(storesOf(copyOf(world))), other)).rejects.toMatchObject({
      code: 'REBUILD_NOTHING',
    });
  });
});

describe('what cannot be made again as it was', () => {
  test('because something else lies under its name: rows are derived anew, on record, and the rest is given up by name', async () => {
    const broken = without(world, TABLES, true);
    const events = [...world.inVault.keys()].filter((key) => /^tables\/events\/data\/.*parquet$/.test(key));
    for (const key of events) broken.inVault.set(key, Buffer.from('something else'));
    const result = await rebuilt(broken, { deep: true });
    expect(
      result.tables.reasons.some(({ problem }) => problem === 'something else lies under its name'),
    ).toBe(true);
    expect(result.derived?.tables).toContain('events');
    const answers = await answersOf(storesOf(world));
    const again = await answersOf(storesOf(broken));
    // What compactions settled is settled by the next one: conflict is a mark of theirs.
    const unsettled = (rows: readonly string[]) =>
      rows.map((row) => row.replace(/"conflict":(true|false|null)/, '')).sort();
    expect(again.map(unsettled)).toEqual(answers.map(unsettled));
    // The bytes that somebody put there are nobody's files any more.
    const { problems } = await verification(broken, identity, { deep: true }, await noteOf(storesOf(world)));
    expect(problems.filter(({ key }) => !events.includes(key))).toEqual([]);
  });

  test('because the mapping has changed since: a re-mapping, on record', async () => {
    const broken = without(world, (key) => key.startsWith('tables/events/data/'), false);
    const connector = connectorById('aws.cloudtrail') as { mappingVersion: string };
    const { mappingVersion } = connector;
    connector.mappingVersion = 'aws.cloudtrail/another';
    try {
      const result = await rebuilt(broken);
      expect(result.tables.reasons.some(({ problem }) => problem.includes('this version has another'))).toBe(
        true,
      );
      expect(result.derived?.tables).toEqual(expect.arrayContaining(['events', 'flows', 'quarantine']));
      const { problems } = await verification(
        broken,
        identity,
        { deep: true },
        await noteOf(storesOf(world)),
      );
      expect(problems).toEqual([]);
      expect((await answersOf(storesOf(broken))).map(({ length }) => length)).toEqual(
        (await answersOf(storesOf(world))).map(({ length }) => length),
      );
    } finally {
      connector.mappingVersion = mappingVersion;
    }
  });
});
