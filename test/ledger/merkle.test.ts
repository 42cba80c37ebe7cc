import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  appendLeaves,
  EMPTY_FRONTIER,
  EMPTY_ROOT,
  frontierRoot,
  leafHash,
  nodeHash,
  rootOf,
} from '../../ledger/merkle.ts';
import { numberedLeaves, slowLeaf, slowRoot } from './parts/reference.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The eight inputs every RFC 6962 implementation is checked with, and the roots of their first 0 … 8. */
const CLASSIC = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const CLASSIC_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test.each(CLASSIC_ROOTS.map((root, size) => [size, root] as const))(
  'known root of %i leaves',
  (size, root) => {
    const leaves = CLASSIC.slice(0, size).map((input) => leafHash(Buffer.from(input, 'hex')));
    expect(hex(rootOf(leaves))).toBe(root);
  },
);

test('roots equal the recursive definition at every size, however the leaves were batched', () => {
  const leaves = numberedLeaves(600);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 12 }), (batches) => {
      let frontier = EMPTY_FRONTIER;
      for (const batch of batches) {
        frontier = appendLeaves(frontier, leaves.slice(frontier.size, Math.min(frontier.size + batch, 600)));
        expect(frontierRoot(frontier)).toEqual(slowRoot(leaves.slice(0, frontier.size)));
      }
    }),
    { numRuns: 25 },
  );
  for (let size = 0; size <= 130; size++) {
    expect(rootOf(leaves.slice(0, size))).toEqual(slowRoot(leaves.slice(0, size)));
  }
});

test('appending leaves the old frontier as it was', () => {
  const leaves = numberedLeaves(9);
  const seven = appendLeaves(EMPTY_FRONTIER, leaves.slice(0, 7));
  const root = frontierRoot(seven);
  appendLeaves(seven, leaves.slice(7));
  expect(frontierRoot(seven)).toEqual(root);
});

test('leaves of any length hash as defined, also beyond what an entry may hold', () => {
  for (const length of [0, 1, 63, 64, 65_534, 65_535, 65_536, 200_000]) {
    const entry = Buffer.alloc(length, 0xa5);
    expect(leafHash(entry)).toEqual(slowLeaf(entry));
  }
});

test('a leaf can never pass for an inner node', () => {
  const [a, b] = numberedLeaves(2) as [Buffer, Buffer];
  expect(leafHash(Buffer.concat([a, b]))).not.toEqual(nodeHash(a, b));
  expect(EMPTY_ROOT).not.toEqual(leafHash(Buffer.alloc(0)));
});
