import { expect, test } from 'vitest';
import { openSealed } from '../../ledger/recover.ts';
import { type LedgerStores, parseStagingKey } from '../../ledger/store.ts';
import { type Fate, faultyStores } from './parts/faults.ts';
import {
  check,
  copyOf,
  entryBytes,
  grownWorld,
  headOf,
  LOG,
  someEntries,
  type World,
  Writer,
} from './parts/world.ts';

/** Sizes and batches that begin the log, end before, at and after the edge of a tile, and run over two. */
const GROWTHS = [
  [0, 1],
  [250, 5],
  [250, 6],
  [250, 7],
  [511, 260],
] as const;

const bases = new Map<number, Promise<World>>();
async function baseOf(size: number): Promise<World> {
  let base = bases.get(size);
  if (base === undefined) {
    base = size === 0 ? grownWorld() : grownWorld(size);
    bases.set(size, base);
  }
  return copyOf(await base);
}

/** What somebody was told is sealed, by index. Telling two things of one index fails the test. */
class Promises {
  readonly sealed = new Map<number, Uint8Array>();

  note(first: number, entries: readonly Uint8Array[]): void {
    for (const [at, entry] of entries.entries()) {
      const before = this.sealed.get(first + at);
      if (before !== undefined) expect(Buffer.compare(before, entry)).toBe(0);
      this.sealed.set(first + at, entry);
    }
  }
}

/** One life of a writer. Whatever fails ends it; that is what a restart is for. */
async function live(stores: LedgerStores, count: number, mark: string, promises: Promises): Promise<void> {
  try {
    const writer = new Writer(stores);
    const { size } = await writer.recover();
    const entries = someEntries(size, count, mark);
    await writer.seal(entries, (first) => promises.note(first, entries));
  } catch (error) {
    expect(error).toMatchObject({ code: 'STORE_FAILED' });
  }
}

async function mustBeWhole(world: World, promises: Promises): Promise<void> {
  const writer = new Writer(world);
  const { size } = await writer.recover();
  await writer.seal([entryBytes(size, 'last')], (first) => promises.note(first, [entryBytes(first, 'last')]));
  expect(await check(world)).toMatchObject({ ok: true, size: size + 1, problems: [] });
  const reader = await openSealed(world, LOG, (await headOf(world))!);
  for await (const { index, bytes } of reader.readEntries(0, reader.size)) {
    const promised = promises.sealed.get(index);
    if (promised !== undefined) expect(Buffer.compare(bytes, promised)).toBe(0);
  }
  expect(Math.max(...promises.sealed.keys())).toBeLessThan(reader.size);
  // What a failed swap left behind goes once the log has grown past it.
  const staged = [...world.inState.keys()].flatMap((key) => parseStagingKey(key) ?? []);
  expect(staged.filter((size) => size <= reader.size)).toEqual([]);
}

for (const fate of ['lost', 'stored but failed'] satisfies Fate[]) {
  test.each(GROWTHS)(
    `from %i by %i: any one write ${fate}, twice in a row, loses nothing sealed`,
    async (size, count) => {
      let faults = 0;
      for (let at = 1; ; at++) {
        const world = await baseOf(size);
        const promises = new Promises();
        promises.note(0, someEntries(0, size));
        let failedOnce = false;
        for (const mark of ['first', 'second']) {
          const stores = faultyStores(world, ({ write }) => (write === at ? fate : 'fine'));
          await live(stores, count, mark, promises);
          failedOnce ||= stores.failed();
        }
        await mustBeWhole(world, promises);
        if (!failedOnce) break;
        faults++;
      }
      // Staging, head, at least a tile and a bundle, the checkpoint twice, and staging removed.
      expect(faults).toBeGreaterThanOrEqual(7);
    },
  );
}

test.each(GROWTHS)(
  'from %i by %i: killed at any call, a restart reaches a whole tree',
  async (size, count) => {
    for (let at = 1; ; at++) {
      const world = await baseOf(size);
      const promises = new Promises();
      promises.note(0, someEntries(0, size));
      const stores = faultyStores(world, ({ call }) => (call === at ? 'dead' : 'fine'));
      await live(stores, count, 'killed', promises);
      if (!stores.failed()) {
        expect(at).toBeGreaterThan(15);
        break;
      }
      await mustBeWhole(world, promises);
    }
  },
);
