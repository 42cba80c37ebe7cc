/** Tells from the sealed root, top down, which of the scanned objects are what was sealed. */

import { edgeRoot } from './append.ts';
import { hashAt, resolveSlots } from './fsck-claims.ts';
import type { Problem } from './fsck-report.ts';
import type { LeafClaim, LeafLevel, TileClaim } from './fsck-scan.ts';
import { HASH_BYTES, type Hash, sameHash } from './merkle.ts';
import { subtreeOf, subtreeRoot } from './subtree.ts';
import { TILE_WIDTH, type TileRef, tileKey } from './tiles.ts';

export interface Scanned {
  readonly root: Hash;
  readonly leaves: LeafLevel;
  /** Levels 1 and up; entry i is level i + 1. */
  readonly upper: readonly (readonly TileClaim[])[];
}

/** What a tile was sealed as; `sure` when hashes up to the root say so. */
interface Truth {
  readonly content: Uint8Array | null;
  readonly sure: boolean;
}

/** By index, what the tiles of level 0 with something wrong about them were sealed as; null where it is not known. */
export type LeafTruth = ReadonlyMap<number, Uint8Array | null>;

/** Adds what is wrong with tiles and bundles to `problems`. */
export function judge({ root, leaves, upper }: Scanned, problems: Problem[]): LeafTruth {
  const levels = upper.length + 1;
  const claimOf = (level: number, index: number): TileClaim | undefined =>
    level === 0 ? leaves.suspects.get(index) : upper[level - 1]?.[index];
  const truths = Array.from({ length: levels }, () => new Map<number, Truth>());

  const edge = Array.from({ length: levels }, (_, level) => {
    const last = (level === 0 ? leaves.roots.length : upper[level - 1]!.length) - 1;
    const claim = claimOf(level, last);
    return claim !== undefined && claim.ref.width < TILE_WIDTH ? claim : null;
  });
  for (const [level, truth] of resolveEdge(edge, root, problems)) {
    const claim = edge[level]!;
    truths[level]!.set(claim.ref.index, truth);
    tell(claim, truth, problems);
  }

  for (let level = levels - 2; level >= 0; level--) {
    const count = level === 0 ? leaves.roots.length : upper[level - 1]!.length;
    for (let index = 0; index < count; index++) {
      if (truths[level]!.has(index)) continue;
      const parent = truths[level + 1]!.get(Math.floor(index / TILE_WIDTH));
      const expected = parent?.content ? hashAt(parent.content, index % TILE_WIDTH) : null;
      const claim = claimOf(level, index);
      if (claim === undefined) {
        // Tile and bundle agree with each other; a hundred times out of a hundred also with what stands above.
        const [found] = leaves.roots[index]!;
        if (expected === null || sameHash(found!, expected)) continue;
        truths[0]!.set(index, { content: null, sure: true });
        tellBothAltered(index, problems);
        continue;
      }
      const truth = resolveFull(claim, expected, parent?.sure ?? false);
      truths[level]!.set(index, truth);
      tell(claim, truth, problems);
    }
  }
  return new Map([...truths[0]!].map(([index, { content, sure }]) => [index, sure ? content : null]));
}

function resolveFull(claim: TileClaim, expected: Hash | null, sure: boolean): Truth {
  if (expected === null) return { content: claim.stored, sure: false };
  const content = resolveSlots(claim.slots, (hashes) => sameHash(subtreeRoot(subtreeOf(hashes)), expected));
  return { content, sure };
}

/** The partial tiles of all levels together make the root, so they are told apart together. */
function resolveEdge(
  edge: readonly (TileClaim | null)[],
  root: Hash,
  problems: Problem[],
): (readonly [level: number, truth: Truth])[] {
  const claims = edge.flatMap((claim, level) => (claim === null ? [] : [{ claim, level }]));
  const cut = (content: Uint8Array): (Uint8Array | null)[] => {
    let at = 0;
    return edge.map((claim) => {
      if (claim === null) return null;
      const start = at;
      at += claim.ref.width * HASH_BYTES;
      return content.subarray(start, at);
    });
  };
  const content = resolveSlots(
    claims.flatMap(({ claim }) => claim.slots),
    (hashes) => sameHash(edgeRoot(cut(hashes).map((tile) => tile && subtreeOf(tile))), root),
  );
  if (content !== null) {
    const tiles = cut(content);
    return claims.map(({ level }) => [level, { content: tiles[level]!, sure: true }] as const);
  }
  const keys = claims.map(({ claim }) => tileKey(claim.ref)).join(', ');
  problems.push({
    code: 'ROOT_MISMATCH',
    key: 'head',
    detail: `no reading of the right edge (${keys || 'nothing'}) and of what lies below it leads to the sealed root`,
  });
  return claims.map(({ claim, level }) => [level, { content: claim.stored, sure: false }] as const);
}

/** Says what is wrong with a tile and, at level 0, with its bundle. */
function tell(claim: TileClaim, truth: Truth, problems: Problem[]): void {
  const key = tileKey(claim.ref);
  const { content } = truth;
  if (claim.fault !== null) {
    problems.push({ key, ...claim.fault });
  } else if (content === null || claim.stored === null) {
    problems.push({
      key,
      code: 'ALTERED',
      detail: 'neither it nor what lies below leads to the hash above it',
    });
  } else {
    const wrong = differences(claim.stored, content, claim.ref.width);
    if (wrong.length > 0)
      problems.push({ key, code: 'ALTERED', detail: `hash ${list(wrong)} of its ${claim.ref.width}` });
  }
  if (isLeaf(claim)) tellBundle(claim, truth, problems);
}

const isLeaf = (claim: TileClaim): claim is LeafClaim => claim.ref.level === 0;

function tellBundle({ ref, leaves, bundleFault }: LeafClaim, truth: Truth, problems: Problem[]): void {
  const { content, sure } = truth;
  const key = tileKey({ ...ref, level: 'entries' });
  const first = ref.index * TILE_WIDTH;
  const readable = leaves.length / HASH_BYTES;
  const wrong = content === null ? [] : differences(leaves, content, Math.min(readable, ref.width));
  if (bundleFault !== null) {
    const isBeginning =
      bundleFault.code !== 'MISSING' && readable < ref.width && content !== null && wrong.length === 0;
    problems.push({ key, ...bundleFault, code: isBeginning ? 'TRUNCATED' : bundleFault.code });
  } else if (content === null) {
    problems.push({
      key,
      code: 'ALTERED',
      detail: `entries ${first} … ${first + readable - 1} lead to no sealed hash`,
    });
  } else if (wrong.length > 0) {
    problems.push({
      key,
      code: 'ALTERED',
      detail: `entry ${list(wrong.map((at) => first + at))}${sure ? '' : ', or its tile'}`,
    });
  }
}

function tellBothAltered(index: number, problems: Problem[]): void {
  const ref: TileRef = { level: 0, index, width: TILE_WIDTH };
  const first = index * TILE_WIDTH;
  const entries = `entries ${first} … ${first + TILE_WIDTH - 1}`;
  problems.push(
    { key: tileKey(ref), code: 'ALTERED', detail: 'it fits its bundle, but not the hash above it' },
    {
      key: tileKey({ ...ref, level: 'entries' }),
      code: 'ALTERED',
      detail: `${entries}: at least one is not what was sealed`,
    },
  );
}

const differences = (a: Uint8Array, b: Uint8Array, count: number): number[] =>
  Array.from({ length: count }, (_, at) => at).filter((at) => !sameHash(hashAt(a, at), hashAt(b, at)));

const LISTED = 8;
const list = (numbers: readonly number[]): string =>
  numbers.slice(0, LISTED).join(', ') +
  (numbers.length > LISTED ? ` and ${numbers.length - LISTED} more` : '');
