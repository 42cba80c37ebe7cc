import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_EDGE, grow } from '../../ledger/append.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { tileFiles } from '../../ledger/files.ts';
import { verifyConsistency, verifyInclusion } from '../../ledger/merkle-proof.ts';
import { openReader } from '../../ledger/reader.ts';
import { decodeStaging, encodeStaging } from '../../ledger/staging.ts';
import { grownTiles, TILE_WIDTH, tileKey } from '../../ledger/tiles.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { numbered, numberedLeaves, slowConsistency, slowInclusion, slowRoot } from './parts/reference.ts';
import { newWorld } from './parts/world.ts';

const MOST = 70_000;
const ENTRIES = Array.from({ length: MOST }, (_, at) => numbered(at));
const LEAVES = numberedLeaves(MOST);

/** Grows a tree through these sizes and stores its tiles. */
async function treeOf(sizes: readonly number[]) {
  const world = newWorld();
  let tilesRead = 0;
  let edge = EMPTY_EDGE;
  let root = slowRoot([]) as Uint8Array;
  for (const size of sizes) {
    const before = edge.size;
    const growth = grow(edge, ENTRIES.slice(before, size));
    expect(growth.objects.map(({ ref }) => tileKey(ref))).toEqual(grownTiles(before, size).map(tileKey));
    for (const { ref, body } of growth.objects) {
      const full = ref.width === TILE_WIDTH;
      const [store, kind] = full ? [world.vault, WRITE_KINDS.tile] : [world.state, WRITE_KINDS.partialTile];
      await store.putManyIfAbsent([{ key: tileKey(ref), body, kind }]);
    }
    ({ edge, root } = growth);
  }
  const counting = {
    ...world.vault,
    get: (key: string) => {
      tilesRead++;
      return world.vault.get(key);
    },
  };
  const open = () =>
    openReader(tileFiles({ vault: counting, state: world.state }), { size: edge.size, root });
  return { edge, root, open, tilesRead: () => tilesRead };
}

test('roots and proofs from tiles are the recursive definition’s, for sizes to 70,000 and any batching', async () => {
  const sizes = fc
    .array(fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: MOST })), {
      minLength: 1,
      maxLength: 5,
    })
    .map((all) => [...new Set(all)].sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(sizes, fc.double({ min: 0, max: 1, noNaN: true }), async (steps, share) => {
      const tree = await treeOf(steps);
      const size = steps.at(-1)!;
      const leaves = LEAVES.slice(0, size);
      expect(Buffer.from(tree.root)).toEqual(slowRoot(leaves));
      const reader = await tree.open();
      expect(await reader.edge()).toEqual(tree.edge);
      const index = Math.floor(share * (size - 1));
      expect(await reader.inclusionProof(index)).toEqual(slowInclusion(index, leaves));
      expect(await reader.consistencyProof(index + 1)).toEqual(slowConsistency(index + 1, leaves));
    }),
    { numRuns: 2 },
  );
});

test('a proof in a tree of three levels reads a handful of tiles', async () => {
  const tree = await treeOf([MOST - 1, MOST]);
  for (const index of [0, 255, 40_000, 65_535, 65_536, MOST - 1]) {
    const before = tree.tilesRead();
    const reader = await tree.open();
    const inclusion = await reader.inclusionProof(index);
    expect(verifyInclusion(LEAVES[index]!, index, MOST, inclusion, tree.root)).toBe(true);
    expect(tree.tilesRead() - before).toBeLessThanOrEqual(6);
    const [oldRoot, proof] = [await reader.rootAt(index + 1), await reader.consistencyProof(index + 1)];
    expect(verifyConsistency(index + 1, MOST, proof, oldRoot, tree.root)).toBe(true);
    expect(tree.tilesRead() - before).toBeLessThanOrEqual(12);
  }
});

const growth = grow(grow(EMPTY_EDGE, ENTRIES.slice(0, 250)).edge, ENTRIES.slice(250, 600));
const bundle = encodeStaging(250, growth);

test('a staging bundle reads back as the growth it was made of, and is the same bytes every time', () => {
  const decoded = decodeStaging(bundle);
  expect(decoded).toMatchObject({ ok: true, value: { previous: 250, size: 600, root: growth.root } });
  const keys = (objects: typeof growth.objects) =>
    objects.map(({ ref, body }) => [tileKey(ref), Buffer.from(body)]);
  expect(decoded.ok && keys(decoded.value.objects)).toEqual(keys(growth.objects));
  expect(encodeStaging(250, growth)).toEqual(bundle);
});

test('changed, cut or invented bytes are no staging bundle, and never ask for more tiles than they bring', () => {
  for (let at = 0; at < bundle.length; at += 61) {
    expect(decodeStaging(bundle.subarray(0, at)).ok).toBe(false);
    const other = Buffer.from(bundle);
    other[at]! ^= 16;
    expect(decodeStaging(other).ok).toBe(false);
  }
  const invented = { edge: { size: 2 ** 50, tiles: [], entries: [] }, root: growth.root, objects: [] };
  expect(decodeStaging(encodeStaging(0, invented))).toMatchObject({ ok: false, code: 'STAGING_MALFORMED' });
  fc.assert(fc.property(fc.uint8Array(), (bytes) => !decodeStaging(bytes).ok));
});

test('a bundle with members that nobody knew is read by those that are known; a newer format is told', () => {
  const restaged = (magic: string, header: (of: object) => object): Uint8Array => {
    const text = Buffer.from(bundle);
    const first = text.indexOf(10);
    const second = text.indexOf(10, first + 1);
    const written = canonicalJson(header(JSON.parse(text.subarray(first + 1, second).toString()) as object));
    const rest = Buffer.concat([
      Buffer.from(`${written.ok ? written.value : ''}\n`),
      text.subarray(second + 1),
    ]);
    return Buffer.concat([Buffer.from(`${magic}${hash('sha256', rest, 'hex')}\n`), rest]);
  };
  const more = decodeStaging(restaged('akashi-staging v1 ', (of) => ({ ...of, weather: 'fine' })));
  expect(more).toEqual(decodeStaging(bundle));
  expect(decodeStaging(restaged('akashi-staging v2 ', (of) => of))).toMatchObject({
    ok: false,
    code: 'LAKE_NEWER',
  });
});
