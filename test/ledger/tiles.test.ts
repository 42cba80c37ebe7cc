import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  grownTiles,
  levelsOf,
  parseTileKey,
  partialWidth,
  type TileRef,
  tileKey,
} from '../../ledger/tiles.ts';

test.each([
  [{ level: 0, index: 0, width: 256 }, 'ledger/tile/0/000'],
  [{ level: 0, index: 255, width: 256 }, 'ledger/tile/0/255'],
  [{ level: 3, index: 256, width: 1 }, 'ledger/tile/3/256.p/1'],
  [{ level: 0, index: 999, width: 255 }, 'ledger/tile/0/999.p/255'],
  [{ level: 63, index: 1000, width: 256 }, 'ledger/tile/63/x001/000'],
  [{ level: 0, index: 1_234_067, width: 256 }, 'ledger/tile/0/x001/x234/067'],
  [{ level: 'entries', index: 1_234_067, width: 112 }, 'ledger/tile/entries/x001/x234/067.p/112'],
] as const)('%o lies at %s', (ref, key) => {
  expect(tileKey(ref)).toBe(key);
  expect(parseTileKey(key)).toEqual(ref);
});

test('keys round-trip', () => {
  const refs = fc.record({
    level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
    index: fc.oneof(fc.nat(2000), fc.maxSafeNat()),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(refs, (ref: TileRef) => {
      expect(parseTileKey(tileKey(ref))).toEqual(ref);
    }),
  );
});

test.each([
  '',
  'ledger/tile/0/0',
  'ledger/tile/0/0000',
  'ledger/tile/0/x000/001',
  'ledger/tile/0/x001/x002',
  'ledger/tile/0/001/002',
  'ledger/tile/00/001',
  'ledger/tile/64/001',
  'ledger/tile/-1/001',
  'ledger/tile/0/001.p/0',
  'ledger/tile/0/001.p/01',
  'ledger/tile/0/001.p/256',
  'ledger/tile/0/001.p/',
  'ledger/entries/001',
  'ledger/tile/entries/001/',
  'x/ledger/tile/entries/001',
  'ledger/tile/entries/x999/x999/x999/x999/x999/999',
])('%j names no tile', (key) => expect(parseTileKey(key)).toBeNull());

test('70,000 leaves need the tiles the specification counts', () => {
  const tiles = grownTiles(0, 70_000);
  const count = (level: TileRef['level'], full: boolean): number =>
    tiles.filter((tile) => tile.level === level && (tile.width === 256) === full).length;
  expect([count(0, true), count(0, false), partialWidth(70_000, 0)]).toEqual([273, 1, 112]);
  expect([count('entries', true), count('entries', false)]).toEqual([273, 1]);
  expect([count(1, true), count(1, false), partialWidth(70_000, 1)]).toEqual([1, 1, 17]);
  expect([count(2, true), count(2, false), partialWidth(70_000, 2)]).toEqual([0, 1, 1]);
  expect(levelsOf(70_000)).toBe(3);
});

test('256 leaves are one full tile and a tile of one hash above it', () => {
  expect(grownTiles(0, 256).map(tileKey)).toEqual([
    'ledger/tile/0/000',
    'ledger/tile/1/000.p/1',
    'ledger/tile/entries/000',
  ]);
  expect(grownTiles(256, 257).map(tileKey)).toEqual(['ledger/tile/0/001.p/1', 'ledger/tile/entries/001.p/1']);
  expect(grownTiles(257, 257)).toEqual([]);
});

test('growing in steps ends with the tiles of growing at once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }), (sizes) => {
      const steps = [0, ...sizes.toSorted((a, b) => a - b)];
      const last = steps.at(-1)!;
      const widest = new Map<string, TileRef>();
      for (let at = 1; at < steps.length; at++) {
        for (const tile of grownTiles(steps[at - 1]!, steps[at]!)) {
          widest.set(tileKey({ ...tile, width: 256 }), tile);
        }
      }
      expect(new Set([...widest.values()].map(tileKey))).toEqual(new Set(grownTiles(0, last).map(tileKey)));
    }),
    { numRuns: 30 },
  );
});
