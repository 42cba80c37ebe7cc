/** The definitions of RFC 6962 section 2.1 as they are worded there: slow, recursive, and sharing no code with ledger/. */

import { createHash } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

export const slowLeaf = (entry: Uint8Array): Buffer => sha256(Uint8Array.of(0), entry);

const splitOf = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

export function slowRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return Buffer.from(leaves[0]!);
  const k = splitOf(leaves.length);
  return sha256(Uint8Array.of(1), slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)));
}

/** PATH(m, D[n]) of section 2.1.1. */
export function slowInclusion(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k
    ? [...slowInclusion(m, left), slowRoot(right)]
    : [...slowInclusion(m - k, right), slowRoot(left)];
}

/** PROOF(m, D[n]) of section 2.1.2, with nothing to prove from an empty tree. */
export function slowConsistency(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  return m === 0 ? [] : subproof(m, leaves, true);
}

function subproof(m: number, leaves: readonly Uint8Array[], known: boolean): Buffer[] {
  if (m === leaves.length) return known ? [] : [slowRoot(leaves)];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m <= k
    ? [...subproof(m, left, known), slowRoot(right)]
    : [...subproof(m - k, right, false), slowRoot(left)];
}

/** Leaf number i of the test trees: its number as text. */
export const numbered = (i: number): Buffer => Buffer.from(`entry ${i}`);

export const numberedLeaves = (size: number): Buffer[] =>
  Array.from({ length: size }, (_, i) => slowLeaf(numbered(i)));
