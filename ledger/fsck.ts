/**
 * Checks the stored ledger against a signed checkpoint and nothing else: every tile and entry is hashed up to the
 * root, every sealed checkpoint must be a beginning of it, and every key must be accounted for. Writes nothing.
 */

import type { LogIdentity, TreeHead } from './checkpoint.ts';
import { openCheckpoint } from './checkpoint.ts';
import { type FindTile, tileFinder } from './files.ts';
import {
  findCheckpoints,
  judgeCheckpoints,
  lastFit,
  type ReadsCheckpoint,
  sealedCheckpoints,
} from './fsck-checkpoints.ts';
import { claimedRoots, hashAt } from './fsck-claims.ts';
import { judge, type LeafTruth } from './fsck-judge.ts';
import { checkKeys } from './fsck-keys.ts';
import { type FsckNotes, type FsckReport, newNotes, type SealedEntries } from './fsck-report.ts';
import { type LeafLevel, scanLeaves, scanLevel, type TileClaim } from './fsck-scan.ts';
import { EMPTY_ROOT, HASH_BYTES, type Hash, sameHash } from './merkle.ts';
import { type RootTrail, rootTrail } from './root-trail.ts';
import { decodeStaging } from './staging.ts';
import { getIfPresent, type LedgerStores, PUBLISHED_KEY, stagingKey } from './store.ts';
import { subtreeOf } from './subtree.ts';
import { levelsOf, TILE_WIDTH } from './tiles.ts';

export interface FsckOptions {
  /** Every entry in order, for further checks; to be believed as far as the report's `entries` says. */
  readonly onEntry?: (index: number, bytes: Uint8Array) => void;
  /** Which of the sealed checkpoints are read; of the others it is only said whether they are there. All unless given. */
  readonly reads?: ReadsCheckpoint;
  readonly onProgress?: (entriesDone: number, entries: number) => void;
}

/**
 * `note` is the checkpoint in the head, null for a lake that was never sealed. A writer that seals meanwhile makes
 * the head look rolled back: read it again and repeat before believing that.
 */
export async function fsck(
  stores: LedgerStores,
  log: LogIdentity,
  note: Uint8Array | null,
  options: FsckOptions = {},
): Promise<FsckReport> {
  const notes = newNotes();
  const { problems } = notes;
  const opened = note === null ? null : openCheckpoint(note, log);
  if (opened !== null && !opened.ok) {
    problems.push({ key: 'head', code: 'UNSIGNED', detail: `${opened.code}: ${opened.problem}` });
    return reportOf(notes, 0, NO_ENTRIES);
  }
  const head: TreeHead = opened?.value ?? { size: 0, root: EMPTY_ROOT };
  const staged = await getIfPresent(stores.state, stagingKey(head.size, head.root));
  const staging = staged && decodeStaging(staged.body);
  const find = tileFinder(stores, staging?.ok ? staging.value.objects : []);

  const { found, stored, unread, published, publishedIsThere } = await findCheckpoints(
    stores,
    log,
    notes,
    options.reads,
  );
  const sizes = found.map(({ checkpoint }) => checkpoint.size);
  const sealed = sealedCheckpoints();
  let trail = rootTrail(sizes);
  let entries = NO_ENTRIES;
  if (head.size > 0) {
    const leaves = await scanLeaves(find, head.size, notes, {
      entry(index, bytes) {
        sealed.entry(index, bytes);
        options.onEntry?.(index, bytes);
      },
      tile(index, subtree) {
        trail.tile(index, subtree);
        options.onProgress?.(Math.min((index + 1) * TILE_WIDTH, head.size), head.size);
      },
    });
    const upper: TileClaim[][] = [];
    let roots: readonly (readonly Hash[])[] = leaves.roots;
    for (let level = 1; level < levelsOf(head.size); level++) {
      const claims = await scanLevel(find, level, head.size, notes, roots);
      upper.push(claims);
      roots = claims.map(({ ref, slots }) => (ref.width === TILE_WIDTH ? claimedRoots(slots) : []));
    }
    const before = problems.length;
    const truth = judge({ root: head.root, leaves, upper }, problems);
    const mismatch = problems.findIndex(({ code }) => code === 'ROOT_MISMATCH');
    if (mismatch < 0) entries = sealedEntries(leaves, truth, notes.entries === head.size);
    if (mismatch >= 0) {
      // A tree that does not lead to the head is no witness against earlier heads; they are witnesses against it.
      const detail = `${problems[mismatch]!.detail}; ${lastFit(found, trail.roots)}`;
      problems[mismatch] = { ...problems[mismatch]!, detail };
      trail = rootTrail([]);
    } else if (problems.length > before) {
      trail = await trailOfTruth(find, head.size, sizes, truth);
    }
  }
  judgeCheckpoints(found, head, trail.roots, problems);
  sealed.judge(stored, unread, entries, problems);
  // While its staging bundle is there the head's own checkpoint may still have to be stored and published.
  if (head.size > 0 && staging === null) {
    const key = `ledger/checkpoints/${head.size}`;
    if (!stored.has(key) && !unread.has(key))
      problems.push({ key, code: 'MISSING', detail: 'the head’s own checkpoint' });
    if (!publishedIsThere) {
      problems.push({ key: PUBLISHED_KEY, code: 'MISSING', detail: 'made again at the next seal' });
    }
    if (published !== null && published.size < head.size) {
      const detail = `it covers ${published.size} entries, the head ${head.size}`;
      problems.push({ key: PUBLISHED_KEY, code: 'ALTERED', detail });
    }
  }
  await checkKeys(stores, find, head.size, notes);
  return reportOf(notes, head.size, head.size === 0 ? ALL_ENTRIES : entries);
}

function reportOf({ problems, ...checked }: FsckNotes, size: number, entries: SealedEntries): FsckReport {
  return { ok: problems.length === 0, size, checked, problems, entries };
}

const NO_ENTRIES: SealedEntries = { all: false, has: () => false };
const ALL_ENTRIES: SealedEntries = { all: true, has: () => true };

/** `readAll`: as many entries were read as the tree has. */
function sealedEntries(leaves: LeafLevel, truth: LeafTruth, readAll: boolean): SealedEntries {
  const doubtful = new Set<number>();
  for (const [tile, content] of truth) {
    // Without a claim of its own it fits its bundle and nothing above.
    const read = leaves.suspects.get(tile)?.leaves ?? null;
    const count = read === null ? TILE_WIDTH : read.length / HASH_BYTES;
    for (let at = 0; at < count; at++) {
      const sealed = content !== null && read !== null && sameHash(hashAt(read, at), hashAt(content, at));
      if (!sealed) doubtful.add(tile * TILE_WIDTH + at);
    }
  }
  if (doubtful.size === 0 && readAll) return ALL_ENTRIES;
  return { all: false, has: (index) => !doubtful.has(index) };
}

/** Earlier roots of a tree some of whose tiles are damaged, as far as their content is known all the same. */
async function trailOfTruth(
  find: FindTile,
  size: number,
  sizes: readonly number[],
  truth: LeafTruth,
): Promise<RootTrail> {
  const trail = rootTrail(sizes);
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const content = truth.has(index)
      ? truth.get(index)!
      : (await find({ level: 0, index, width }))?.body.subarray(0, width * HASH_BYTES);
    trail.tile(index, content ? subtreeOf(content) : null);
  }
  return trail;
}
