import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedList, type DataFileEntry, type FileList, filesOf, holdsDay } from '../../tables/file-list.ts';
import { parseKey } from '../../vault/keys.ts';
import { memoryVault } from '../../vault/memory-store.ts';

const HASH = 'ab'.repeat(32);
let serial = 0;
const file = (day: number): DataFileEntry => ({
  key: `file-${serial++}`,
  day: `2026-01-${String(1 + day).padStart(2, '0')}`,
  rows: 1,
  bytes: 100,
  sha256: HASH,
  ranges: HASH,
  minTime: day % 7 === 0 ? null : day * 1000,
  maxTime: day % 7 === 0 ? null : day * 1000 + 5,
});

const EMPTY: FileList = { parts: [], files: [] };

/** A list that is stored as it changes. */
function kept() {
  const vault = memoryVault(new Map());
  let list = EMPTY;
  let written = 0;
  return {
    vault,
    get list() {
      return list;
    },
    get written() {
      return written;
    },
    async change(added: readonly DataFileEntry[], removed: readonly DataFileEntry[] = []) {
      const change = await changedList(vault, 'events', list, { added, removed });
      await vault.putManyIfAbsent(change.writes);
      written += change.writes.reduce((sum, { body }) => sum + (body as Uint8Array).length, 0);
      list = change.list;
      return change;
    },
  };
}

test('whatever comes and goes, the list names what is left, in the order it came', async () => {
  const step = fc.record({
    add: fc.nat(300),
    days: fc.integer({ min: 1, max: 28 }),
    drop: fc.nat(28),
    share: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const lake = kept();
      let naive: DataFileEntry[] = [];
      for (const { add, days, drop, share } of steps) {
        const gone = naive.filter(({ day }, at) => day === file(drop).day && at % 4 < share);
        const added = Array.from({ length: add }, (_, at) => file(at % days));
        naive = [...naive.filter((one) => !gone.includes(one)), ...added];
        await lake.change(added, gone);
        expect(await filesOf(lake.vault, 'events', lake.list)).toEqual(naive);
        const wanted = new Set([file(drop).day]);
        const some = await filesOf(lake.vault, 'events', lake.list, holdsDay(wanted));
        expect(some.filter(({ day }) => wanted.has(day))).toEqual(naive.filter(({ day }) => wanted.has(day)));
        expect(lake.list.files.length).toBeLessThanOrEqual(128);
      }
    }),
    { numRuns: 40 },
  );
});

test('a seal writes about as much after twenty thousand as after one thousand', async () => {
  const lake = kept();
  const bytesOf = async (seals: number) => {
    const before = lake.written;
    for (let at = 0; at < seals; at++) await lake.change([file(at % 28)]);
    return (lake.written - before) / seals;
  };
  const first = await bytesOf(1_000);
  await bytesOf(19_000);
  // What is merged once in eight is merged once more at each size.
  expect(await bytesOf(1_000)).toBeLessThan(3 * first);
  expect(lake.list.parts.length).toBeLessThan(30);
  expect(await filesOf(lake.vault, 'events', lake.list)).toHaveLength(21_000);
});

test('parts are named by their content, and one that was altered is refused', async () => {
  const lake = kept();
  const { writes } = await lake.change(Array.from({ length: 200 }, (_, at) => file(at % 28)));
  expect(writes).toHaveLength(1);
  expect(parseKey(writes[0]!.key)).toMatchObject({ class: 'tablePart', sha256: lake.list.parts[0]!.sha256 });
  const [part] = lake.list.parts;
  const other = { ...lake.list, parts: [{ ...part!, sha256: HASH }] };
  const vault = memoryVault(
    new Map([[`tables/events/metadata/${HASH}-files.json`, writes[0]!.body as Uint8Array]]),
  );
  await expect(filesOf(vault, 'events', other)).rejects.toMatchObject({ code: 'TABLE_DAMAGED' });
});

test('a part that a replacement touched is given up for another', async () => {
  const lake = kept();
  await lake.change(Array.from({ length: 200 }, (_, at) => file(at % 28)));
  const [part] = lake.list.parts;
  const all = await filesOf(lake.vault, 'events', lake.list);
  const { removed } = await lake.change([], all.slice(0, 3));
  expect(removed).toEqual([`tables/events/metadata/${part!.sha256}-files.json`]);
});
