/**
 * Inclusion and consistency proofs: which hashes they hold (RFC 6962 sections 2.1.1 and 2.1.2), and how a verifier
 * folds them (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Sizes and indexes are safe integers; anything else is refused.
 */

import { EMPTY_ROOT, foldNodes, HASH_BYTES, type Hash, nodeHash, sameHash } from './merkle.ts';

/** More than any tree of 2^63 leaves needs (https://c2sp.org/tlog-witness). */
export const MAX_PROOF_HASHES = 63;

const half = (n: number): number => Math.floor(n / 2);
const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const areHashes = (proof: readonly Uint8Array[]): boolean => proof.every((h) => h.length === HASH_BYTES);

/** Whether `proof` (sibling of the leaf first) shows that `leaf` is number `index` of the tree with this size and root. */
export function verifyInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes(proof)) return false;
  if (leaf.length !== HASH_BYTES) return false;
  // Up to the height where the leaf's path joins the tree's right edge, siblings lie on both sides …
  let inner = 0;
  let above = index;
  for (let last = size - 1; above !== last; last = half(last)) {
    above = half(above);
    inner++;
  }
  // … from there on the path is the right edge, and every sibling lies left.
  let border = 0;
  for (let rest = above; rest > 0; rest = half(rest)) border += rest % 2;
  if (proof.length !== inner + border) return false;

  let node = leaf;
  let at = index;
  for (const [step, sibling] of proof.entries()) {
    const siblingIsLeft = step >= inner || at % 2 === 1;
    node = siblingIsLeft ? nodeHash(sibling, node) : nodeHash(node, sibling);
    at = half(at);
  }
  return sameHash(node, root);
}

/** Whether `proof` shows that the tree (newSize, newRoot) holds the tree (oldSize, oldRoot) as its beginning. */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Hash[],
  oldRoot: Hash,
  newRoot: Hash,
): boolean {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false;
  if (proof.length > MAX_PROOF_HASHES || !areHashes(proof)) return false;
  if (oldSize === 0 && !sameHash(oldRoot, EMPTY_ROOT)) return false;
  if (oldSize === newSize) return proof.length === 0 && sameHash(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && newRoot.length === HASH_BYTES;

  let fn = oldSize - 1;
  let sn = newSize - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  // fn is now 0 exactly when the old size is a power of two: the old root is then itself a node of the new tree.
  const path = fn === 0 ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let oldNode = first;
  let newNode = first;
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      oldNode = nodeHash(sibling, oldNode);
      newNode = nodeHash(sibling, newNode);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      newNode = nodeHash(newNode, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameHash(oldNode, oldRoot) && sameHash(newNode, newRoot);
}

/** Leaves `from` (inclusive) to `to` (exclusive): one node of some tree, not necessarily perfect. */
export type LeafRange = readonly [from: number, to: number];

/** The largest power of two below n, n ≥ 2. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The nodes of an inclusion proof, leaf side first. Needs 0 ≤ index < size. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const path: LeafRange[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      path.push([middle, to]);
      to = middle;
    } else {
      path.push([from, middle]);
      from = middle;
    }
  }
  return path.reverse();
}

/** The nodes of a consistency proof in the order a verifier takes them. Empty when oldSize is 0 or newSize. */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  const path: LeafRange[] = [];
  if (oldSize === 0) return path;
  let [from, to] = [0, newSize];
  while (oldSize !== to) {
    const middle = from + split(to - from);
    if (oldSize <= middle) {
      path.push([middle, to]);
      to = middle;
    } else {
      path.push([from, middle]);
      from = middle;
    }
  }
  // The old tree itself is known to the verifier; any other subtree the walk ended on is not.
  if (from > 0) path.push([from, to]);
  return path.reverse();
}

/** A perfect subtree: the `index`-th of 2^height leaves. */
export interface NodeAddress {
  readonly height: number;
  readonly index: number;
}

/** The perfect subtrees, left to right, that make up a range of a tree. */
export function perfectNodes([from, to]: LeafRange): NodeAddress[] {
  const nodes: NodeAddress[] = [];
  for (let at = from; at < to; ) {
    let height = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= to) {
      width *= 2;
      height++;
    }
    nodes.push({ height, index: at / width });
    at += width;
  }
  return nodes;
}

/** Gives the hash of a perfect subtree that the tree holds. */
export type NodeReader = (address: NodeAddress) => Hash | Promise<Hash>;

/** Hashes of the ranges, all nodes asked for at once so that a remote store answers in parallel. */
export async function hashRanges(ranges: readonly LeafRange[], read: NodeReader): Promise<Hash[]> {
  return Promise.all(
    ranges.map(async (range) => foldNodes(await Promise.all(perfectNodes(range).map(read)))),
  );
}
