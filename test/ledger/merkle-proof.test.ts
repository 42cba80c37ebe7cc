import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_ROOT, type Hash, nodeHash } from '../../ledger/merkle.ts';
import {
  consistencyRanges,
  hashRanges,
  inclusionRanges,
  type NodeReader,
  verifyConsistency,
  verifyInclusion,
} from '../../ledger/merkle-proof.ts';
import { numberedLeaves, slowConsistency, slowInclusion, slowRoot } from './parts/reference.ts';

const LARGEST = 300;
const LEAVES = numberedLeaves(LARGEST);
const ROOTS = Array.from({ length: LARGEST + 1 }, (_, size) => slowRoot(LEAVES.slice(0, size)));

const perfect = new Map<string, Hash>();
const read: NodeReader = ({ height, index }) => {
  if (height === 0) return LEAVES[index]!;
  const key = `${height}/${index}`;
  let node = perfect.get(key);
  if (node === undefined) {
    const [left, right] = [index * 2, index * 2 + 1].map((child) =>
      read({ height: height - 1, index: child }),
    );
    node = nodeHash(left as Hash, right as Hash);
    perfect.set(key, node);
  }
  return node;
};

interface Claim {
  /** Index of the leaf, or the old size. */
  readonly at: number;
  readonly size: number;
  readonly proof: readonly Hash[];
  /** The leaf hash, or the old root. */
  readonly known: Hash;
  readonly root: Hash;
}

const inclusionHolds = (c: Claim): boolean => verifyInclusion(c.known, c.at, c.size, c.proof, c.root);
const consistencyHolds = (c: Claim): boolean => verifyConsistency(c.at, c.size, c.proof, c.known, c.root);

async function inclusionClaim(at: number, size: number): Promise<Claim> {
  const proof = await hashRanges(inclusionRanges(at, size), read);
  return { at, size, proof, known: LEAVES[at]!, root: ROOTS[size]! };
}

async function consistencyClaim(at: number, size: number): Promise<Claim> {
  const proof = await hashRanges(consistencyRanges(at, size), read);
  return { at, size, proof, known: ROOTS[at]!, root: ROOTS[size]! };
}

test('every proof in trees of 1 … 70 leaves is as defined and holds', async () => {
  let proofs = 0;
  for (let size = 1; size <= 70; size++) {
    const leaves = LEAVES.slice(0, size);
    for (let at = 0; at < size; at++) {
      const inclusion = await inclusionClaim(at, size);
      expect(inclusion.proof).toEqual(slowInclusion(at, leaves));
      expect(inclusionHolds(inclusion)).toBe(true);
      const consistency = await consistencyClaim(at + 1, size);
      expect(consistency.proof).toEqual(slowConsistency(at + 1, leaves));
      expect(consistencyHolds(consistency)).toBe(true);
      proofs += 2;
    }
  }
  expect(proofs).toBe(4970);
});

const flipped = (hash: Hash, bit: number): Hash => {
  const other = Buffer.from(hash);
  other[bit >> 3]! ^= 1 << (bit & 7);
  return other;
};

/** Every claim that differs from a true one in one respect. */
function* mutations(claim: Claim, pick: (below: number) => number): Generator<Claim> {
  const { proof, at, size } = claim;
  const proofs: Hash[][] = [
    [...proof, LEAVES[pick(LARGEST)]!],
    [LEAVES[pick(LARGEST)]!, ...proof],
  ];
  for (let i = 0; i < proof.length; i++) {
    proofs.push(proof.with(i, flipped(proof[i]!, pick(256))));
    proofs.push(proof.with(i, proof[i]!.subarray(0, 31)));
    proofs.push(proof.toSpliced(i, 1));
    proofs.push(proof.toSpliced(i, 0, proof[i]!));
    if (i > 0) proofs.push(proof.with(i, proof[i - 1]!).with(i - 1, proof[i]!));
  }
  for (const other of proofs) yield { ...claim, proof: other };
  for (const other of [at - 1, at + 1, -1, at + 0.5, Number.NaN, 2 ** 53]) yield { ...claim, at: other };
  // The proof of a leaf can be the same in a neighbouring tree; its root never is.
  for (const other of [size - 1, size + 1]) yield { ...claim, size: other, root: ROOTS[other] ?? EMPTY_ROOT };
  for (const other of [size + 0.5, -size, Number.POSITIVE_INFINITY]) yield { ...claim, size: other };
  yield { ...claim, known: flipped(claim.known, pick(256)) };
  yield { ...claim, root: flipped(claim.root, pick(256)) };
  yield { ...claim, root: ROOTS[(size + 7) % LARGEST]! };
}

/** A small generator with a fixed seed: the same mutations in every run. */
function picker(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

test('no mutated proof of a tree of 1 … 300 leaves is accepted, of more than 50,000', async () => {
  const pick = picker(20260722);
  let tried = 0;
  let accepted = 0;
  for (let size = 2; size <= LARGEST; size++) {
    for (const at of new Set([0, size - 1, pick(size), pick(size)])) {
      const inclusion = await inclusionClaim(at, size);
      expect(inclusionHolds(inclusion)).toBe(true);
      for (const wrong of mutations(inclusion, pick)) {
        tried++;
        if (inclusionHolds(wrong)) accepted++;
      }
      // Equal sizes and an empty old tree prove themselves; their only freedom is in the roots.
      if (at === 0) continue;
      const consistency = await consistencyClaim(at, size);
      expect(consistencyHolds(consistency)).toBe(true);
      for (const wrong of mutations(consistency, pick)) {
        tried++;
        if (consistencyHolds(wrong)) accepted++;
      }
    }
  }
  expect(accepted).toBe(0);
  expect(tried).toBeGreaterThan(50_000);
});

test('an empty tree and an equal tree need an empty proof and the right roots', () => {
  const [five, six] = [ROOTS[5]!, ROOTS[6]!];
  expect(verifyConsistency(0, 5, [], EMPTY_ROOT, five)).toBe(true);
  expect(verifyConsistency(0, 5, [], six, five)).toBe(false);
  expect(verifyConsistency(0, 5, [six], EMPTY_ROOT, five)).toBe(false);
  expect(verifyConsistency(5, 5, [], five, five)).toBe(true);
  expect(verifyConsistency(5, 5, [], six, five)).toBe(false);
  expect(verifyConsistency(5, 5, [five], five, five)).toBe(false);
  expect(verifyConsistency(6, 5, [], six, five)).toBe(false);
  expect(verifyConsistency(5, 6, Array<Hash>(64).fill(five), five, six)).toBe(false);
});

test('random claims are refused, not crashed on', () => {
  const hash = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }));
  const number = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger(), fc.nat(70));
  fc.assert(
    fc.property(
      number,
      number,
      fc.array(hash, { maxLength: 70 }),
      hash,
      hash,
      (at, size, proof, known, root) => {
        const claim = { at, size, proof, known, root };
        expect(inclusionHolds(claim)).toBe(false);
        const trivial = at === size && proof.length === 0;
        if (!trivial) expect(consistencyHolds(claim)).toBe(false);
      },
    ),
  );
});
