/** Holds broken at their writes and done again, and two at once; registered for the quick suite by sample, for the slow one whole. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { decodeEntry, type Entry } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import { type HoldOutcome, placeHold, releaseHold, settleHolds } from '../../stages/hold.ts';
import { objectsOfBodies } from '../../stages/hold-objects.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import { readHolds, readLists } from '../../vault/holds.ts';
import { makeKey } from '../../vault/keys.ts';
import { FATES, type Fate, faultyLake } from './faulty-lake.ts';
import { BY, copyOf, newWorld, noteOf, storesOf, verification, Workshop, type World } from './memory-lake.ts';

/** `step`: every how many writes one is broken. `seeds`: interleavings of two at once. */
export function holdCrashes(step: number, seeds: number): void {
  const NOW = 1_750_000_000_000_000;
  const shop = new Workshop();
  let base: World;
  let identity: LogIdentity;
  /** SHA-256 of the bodies: two trails and a flow log. */
  let bodies: string[];

  beforeAll(async () => {
    base = newWorld();
    const contents = [
      trailFile(1, 2, 1_700_000_000),
      trailFile(2, 2, 1_700_100_000),
      flowFile(1, 2, 1_700_000_000),
    ];
    bodies = contents.map((text) => hashBytes(Buffer.from(text)));
    await shop.collect(storesOf(base), ...contents.map((text, at) => shop.file(`body-${at}.log`, text)));
    identity = await shop.identity();
  });
  afterAll(() => shop.close());

  let world: World;
  let stores: Stores;
  beforeEach(() => {
    world = copyOf(base);
    stores = storesOf(world);
  });

  const place = async (name: string, at: readonly number[], to: Stores = stores): Promise<HoldOutcome> => {
    const { objects } = await objectsOfBodies(stores, new Set(at.map((index) => bodies[index]!)));
    return placeHold(to, identity, { case: name, scope: `bodies ${at}`, objects, by: BY, now: NOW });
  };
  const release = (name: string, to: Stores = stores): Promise<HoldOutcome> =>
    releaseHold(to, identity, { case: name, by: BY, now: NOW - 5 });
  const flags = (of: World = world): string[] =>
    [...of.inVault.keys()]
      .filter((key) => key.startsWith('.holds/'))
      .map((key) => key.slice('.holds/'.length))
      .sort();
  const sealAll = (of: Stores = stores) => sealWaiting(shop.lakeOf(of));
  const check = (of: World = world) => verification(of, identity);
  const clean = { ok: true, problems: [] };

  async function entries(of: Stores): Promise<Entry[]> {
    const reader = await openSealed(of, identity, (await noteOf(of))!);
    const found: Entry[] = [];
    for await (const { bytes } of reader.readEntries(0, reader.size)) found.push(need(decodeEntry(bytes)));
    return found;
  }

  /** The flags are those of what is held, no more and no less. */
  async function mustAgree(of: World): Promise<void> {
    const { record } = await readHolds(storesOf(of).state);
    const lists = record.holds.map(({ facts }) => facts.objectsSha256);
    const held = await readLists(storesOf(of), lists);
    for (const sha256 of lists) held.add(makeKey('holdList', { sha256 }));
    expect(flags(of).filter((key) => !key.startsWith('ledger/'))).toEqual([...held].sort());
    expect(record.holds.every(({ settled }) => settled)).toBe(true);
  }

  describe('a crash at any write', () => {
    /** Breaks each write of `work` in turn; `after` is what must hold once somebody came and finished it. */
    async function everywhere(
      before: (to: Stores) => Promise<unknown>,
      work: (to: Stores) => Promise<unknown>,
      fate: Fate,
      finish: (to: Stores) => Promise<unknown>,
      after: (of: World) => Promise<void>,
    ): Promise<number> {
      const start = copyOf(base);
      stores = storesOf(start);
      await before(stores);
      for (let at = 1 + (FATES.indexOf(fate) % step); ; at += step) {
        world = copyOf(start);
        stores = storesOf(world);
        const faulty = faultyLake(stores, at, fate);
        const outcome = await work(faulty).then(
          () => 'done',
          (error: { code?: string }) => error.code,
        );
        if (faulty.written() < at) {
          expect(outcome).toBe('done');
          return faulty.written();
        }
        expect(outcome).toBe('STORE_FAILED');
        expect(await check()).toMatchObject(clean);
        await finish(stores);
        await sealAll();
        await mustAgree(world);
        expect(await check()).toMatchObject(clean);
        await after(world);
      }
    }

    const recordsOf = async (of: World) =>
      (await entries(storesOf(of)))
        .flatMap((entry) => (entry.kind === 'hold' || entry.kind === 'custody' ? [entry] : []))
        .filter(({ action }) => action !== 'collect')
        .map(({ kind, action, case: name }) => `${kind} ${action} ${name}`);

    test.each(FATES)('of placing one (%s): done again it is placed and recorded once', async (fate) => {
      const writes = await everywhere(
        async () => {},
        (to) => place('A', [0], to),
        fate,
        (to) => place('A', [0], to),
        async (of) => {
          expect(await recordsOf(of)).toEqual(['hold place A', 'custody hold A']);
          expect((await readHolds(storesOf(of).state)).record.holds).toHaveLength(1);
        },
      );
      expect(writes).toBeGreaterThan(6);
    });

    test.each(FATES)('of releasing one (%s): done again it is released and recorded once', async (fate) => {
      const writes = await everywhere(
        async (to) => {
          await place('A', [0, 1], to);
          await place('B', [1], to);
        },
        (to) => release('A', to),
        fate,
        async (to) =>
          release('A', to).catch((error: { code: string }) => expect(error.code).toBe('HOLD_UNKNOWN')),
        async (of) => {
          const found = await recordsOf(of);
          expect(found.filter((one) => one.endsWith('release A'))).toEqual([
            'hold release A',
            'custody release A',
          ]);
          expect((await readHolds(storesOf(of).state)).record.releases).toEqual([]);
        },
      );
      expect(writes).toBeGreaterThan(6);
    });

    test.each(FATES)('of placing one (%s): the next collect finishes what had begun', async (fate) => {
      await everywhere(
        async () => {},
        (to) => place('A', [0], to),
        fate,
        (to) => shop.collect(to, shop.file('next.log', flowFile(50, 1, 1_700_000_000))),
        async (of) => {
          const begun = (await readHolds(storesOf(of).state)).record.holds.length;
          expect(await recordsOf(of)).toEqual(begun === 0 ? [] : ['hold place A', 'custody hold A']);
        },
      );
    });

    test.each(FATES)('of sealing records (%s): each is sealed once', async (fate) => {
      const writes = await everywhere(
        async (to) => {
          await place('A', [0], to);
          await place('B', [0, 1], to);
          await release('A', to);
        },
        (to) => sealAll(to),
        fate,
        (to) => sealAll(to),
        async (of) => {
          const found = await recordsOf(of);
          expect(found).toHaveLength(6);
          expect(new Set(found).size).toBe(6);
        },
      );
      expect(writes).toBeGreaterThan(8);
    });
  });

  describe('two at once', () => {
    /** Waits a little before each call, by a seed. */
    function paused({ vault, state }: Stores, seed: number): Stores {
      let random = seed;
      const pause = async () => {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        for (let turns = random % 7; turns > 0; turns--)
          await new Promise((resolve) => setImmediate(resolve));
      };
      const slow = <F extends (...words: never[]) => Promise<unknown>>(work: F): F =>
        (async (...words: never[]) => {
          await pause();
          return work(...words);
        }) as F;
      return {
        vault: { ...vault, get: slow(vault.get), setLegalHold: slow(vault.setLegalHold!) },
        state: {
          ...state,
          putIfUnchanged: slow(state.putIfUnchanged),
          get: slow(state.get),
          putIfAbsent: slow(state.putIfAbsent),
        },
      };
    }

    test('placing and releasing leave the flags of what is held, however they interleave', async () => {
      for (let seed = 1; seed <= seeds; seed++) {
        world = copyOf(base);
        stores = storesOf(world);
        await place('A', [0, 1]);
        await Promise.all([
          release('A', paused(stores, seed)),
          place('B', [0], paused(stores, seed * 31)),
          place('C', [1, 2], paused(stores, seed * 97)),
        ]);
        await mustAgree(world);
        expect((await readHolds(stores.state)).record.releases).toEqual([]);
        await sealAll();
        expect(await check()).toMatchObject(clean);
      }
    });

    test('a hold that is released while it is being placed leaves nothing held', async () => {
      const { vault } = stores;
      const reached = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      const late: Stores = {
        ...stores,
        vault: {
          ...vault,
          setLegalHold: async (key, on) => {
            reached.resolve();
            await go.promise;
            await vault.setLegalHold!(key, on);
          },
        },
      };
      const placing = place('A', [0], late);
      await reached.promise;
      await release('A');
      go.resolve();
      await placing;
      expect(flags()).toEqual([]);
      await sealAll();
      expect(await check()).toMatchObject(clean);
    });

    test('a release that died after telling the store something old is put right by the next to come', async () => {
      await place('A', [0]);
      const { vault, state } = stores;
      const reached = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      const late: Stores = {
        vault: {
          ...vault,
          setLegalHold: async (key, on) => {
            reached.resolve();
            await go.promise;
            await vault.setLegalHold!(key, on);
          },
        },
        // Dead before it can look again.
        state: {
          ...state,
          putIfUnchanged: (key, body, version) =>
            version === null || flagged
              ? Promise.reject(new Error('dead'))
              : state.putIfUnchanged(key, body, version),
        },
      };
      let flagged = false;
      const dying = release('A', late).catch((error: Error) => error.message);
      await reached.promise;
      flagged = true;
      await place('B', [0]);
      go.resolve();
      expect(await dying).toBe('dead');
      await settleHolds(stores, identity, NOW + 2);
      await mustAgree(world);
    });
  });
}
