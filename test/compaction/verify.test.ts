/** What verification says of a compacted lake that somebody changed, or that was compacted wrong by whoever has the key. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLedger } from '../../stages/ledger.ts';
import { type Replacement, replaceFiles } from '../../stages/replace.ts';
import type { DataFileEntry } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import {
  copyOf,
  newWorld,
  said,
  storesOf,
  verification,
  Workshop,
  type World,
} from '../stages/memory-lake.ts';
import { changed, misjudgedFlip, type TamperLake } from '../stages/tamper.ts';
import { compacted, copyOfTrail, LATER, tableOf, trail } from './lake.ts';

let shop: Workshop;
let lake: TamperLake;
let before: World;
beforeAll(async () => {
  shop = new Workshop();
  shop.by = null;
  const world = newWorld();
  await shop.collect(storesOf(world), trail(shop, 1, 1));
  await shop.collect(storesOf(world), copyOfTrail(shop, 1, 1));
  before = copyOf(world);
  await compacted(shop, storesOf(world));
  lake = { before, world, identity: await shop.identity() };
});
afterAll(() => shop.close());

const written = (): string[] =>
  [...lake.world.inVault.keys()].filter((key) => !before.inVault.has(key) && key.startsWith('tables/'));

test('a bit flipped in any file that compaction wrote or replaced is named, and nothing else', async () => {
  const keys = [...lake.world.inVault.keys()].filter((key) => key.startsWith('tables/'));
  expect(written().filter((key) => key.includes('/compacted-')).length).toBeGreaterThan(3);
  const wrong: string[] = [];
  for (const [at, key] of keys.entries()) {
    const { length } = lake.world.inVault.get(key)!;
    for (const place of [0, 5, Math.floor(length / 2), length - 3])
      wrong.push((await misjudgedFlip(lake, key, place, at % 8)) ?? '');
  }
  expect(wrong.filter((text) => text !== '')).toEqual([]);
});

test('each file removed is named', async () => {
  for (const key of written()) {
    const world = changed(lake.world, key, () => null);
    expect(said(await verification(world, lake.identity, {}))).toContain(`MISSING ${key}`);
  }
});

describe('whoever has the key', () => {
  async function replaced(
    edit: (files: readonly DataFileEntry[], stores: Stores) => Pick<Replacement, 'removed' | 'added'>,
    settled = true,
  ): Promise<string[]> {
    const world = copyOf(lake.world);
    const stores = storesOf(world);
    const { files } = await tableOf(stores, 'events');
    const replacement: Replacement = { table: 'events', day: files[0]!.day, settled, ...edit(files, stores) };
    await replaceFiles(stores, await openLedger(shop.lakeOf(stores)), {
      operation: 'compact',
      replacements: [replacement],
      at: LATER,
    });
    const found = await verification(world, lake.identity, { rederive: true });
    return found.problems.map(({ code, key, detail }) => `${code} ${key.split('/').at(-1)} ${detail}`);
  }

  test('takes rows away', async () => {
    const found = await replaced((files) => ({ removed: [files[0]!], added: [] }));
    expect(found.join()).toContain('COUNT_DIFFERS events');
  });

  test('sets the better copy aside', async () => {
    const found = await replaced((files) => {
      const [shown, { copies: _, ...aside }] = files as [DataFileEntry, DataFileEntry];
      return { removed: files, added: [aside, { ...shown, copies: true }] };
    });
    // The ledger has other entries for the same keys.
    expect(found.length).toBeGreaterThan(0);
  });

  test('brings copies back into sight', async () => {
    const found = await replaced((files) => {
      const [shown, { copies: _, ...aside }] = files as [DataFileEntry, DataFileEntry];
      return { removed: files, added: [shown, aside] };
    });
    expect(found.join()).toContain('is not marked so');
  });
});
