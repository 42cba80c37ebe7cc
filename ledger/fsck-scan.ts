/** Reads every tile and bundle once, bottom up, and notes what each claims. Judges nothing yet. */

import { wholeEntries } from './bundle.ts';
import type { FindTile } from './files.ts';
import { claimedRoots, hashAt, type Slot, slotOf } from './fsck-claims.ts';
import type { FsckNotes, ProblemCode } from './fsck-report.ts';
import { HASH_BYTES, type Hash, leafHashInto } from './merkle.ts';
import { type Subtree, subtreeOf, subtreeRoot } from './subtree.ts';
import { hashesAt, TILE_WIDTH, type TileRef } from './tiles.ts';

export interface Fault {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** A tile and what is claimed for each of its hashes. */
export interface TileClaim {
  readonly ref: TileRef;
  /** The tile as stored; null when `fault` says why it cannot be read. */
  readonly stored: Uint8Array | null;
  readonly fault: Fault | null;
  readonly slots: readonly Slot[];
}

/** A tile of level 0 with its bundle. */
export interface LeafClaim extends TileClaim {
  /** Hashes of the bundle's entries, as many as could be read. */
  readonly leaves: Uint8Array;
  readonly bundleFault: Fault | null;
}

export interface LeafLevel {
  /** By tile, the roots claimed for it. One each while all is well. */
  readonly roots: Hash[][];
  /** The tiles whose two claims differ, and the one at the right edge. */
  readonly suspects: Map<number, LeafClaim>;
}

/** Takes what the scan comes across, in the order of the log. */
export interface ScanListener {
  /** Not yet verified. */
  entry(index: number, bytes: Uint8Array): void;
  /** Tile number `index` of level 0 as far as it is known; null when it cannot be read at all. */
  tile(index: number, subtree: Subtree | null): void;
}

/** Tiles asked for ahead of the one being hashed. */
const READ_AHEAD = 16;

/** The tiles of a level, `index` ascending, their widths those of a tree of `size` leaves. */
function* refsOf(level: number, size: number): Generator<TileRef> {
  const hashes = hashesAt(size, level);
  for (let index = 0; index * TILE_WIDTH < hashes; index++) {
    yield { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
  }
}

/** Runs `read` some way ahead of the consumer, in order. */
async function* readAhead<T, R>(items: Iterable<T>, read: (item: T) => Promise<R>): AsyncGenerator<R> {
  const ahead: Promise<R>[] = [];
  for (const item of items) {
    const reading = read(item);
    // Thrown where it is due, or not at all when the consumer has stopped.
    reading.catch(() => undefined);
    ahead.push(reading);
    if (ahead.length > READ_AHEAD) yield await ahead.shift()!;
  }
  for (const reading of ahead) yield await reading;
}

interface RawTile {
  readonly ref: TileRef;
  readonly stored: Uint8Array | null;
  readonly fault: Fault | null;
}

async function readTile(find: FindTile, asked: TileRef, notes: FsckNotes): Promise<RawTile> {
  const found = await find(asked);
  if (found === null) {
    return { ref: asked, stored: null, fault: { code: 'MISSING', detail: `tile of ${asked.width} hashes` } };
  }
  notes.tiles++;
  notes.bytes += found.body.length;
  const expected = found.ref.width * HASH_BYTES;
  if (found.body.length !== expected) {
    const code = found.body.length < expected ? 'TRUNCATED' : 'ALTERED';
    return {
      ref: asked,
      stored: null,
      fault: { code, detail: `${found.body.length} bytes instead of ${expected}` },
    };
  }
  return { ref: asked, stored: found.body.subarray(0, asked.width * HASH_BYTES), fault: null };
}

interface RawBundle {
  readonly entries: readonly Uint8Array[];
  readonly fault: Fault | null;
}

async function readBundle(find: FindTile, { index, width }: TileRef, notes: FsckNotes): Promise<RawBundle> {
  const found = await find({ level: 'entries', index, width });
  if (found === null)
    return { entries: [], fault: { code: 'MISSING', detail: `bundle of ${width} entries` } };
  notes.bundles++;
  notes.bytes += found.body.length;
  const entries = wholeEntries(found.body);
  const read = entries.reduce((sum, { length }) => sum + 2 + length, 0);
  if (read === found.body.length && entries.length === found.ref.width) {
    return { entries: entries.slice(0, width), fault: null };
  }
  const rest = found.body.length - read;
  const detail = `${entries.length} entries${rest > 0 ? ` and ${rest} bytes more` : ''} instead of ${found.ref.width}`;
  return { entries: entries.slice(0, width), fault: { code: 'ALTERED', detail } };
}

/** Level 0 and all entries. */
export async function scanLeaves(
  find: FindTile,
  size: number,
  notes: FsckNotes,
  listener: ScanListener,
): Promise<LeafLevel> {
  const level: LeafLevel = { roots: [], suspects: new Map() };
  const pairs = readAhead(refsOf(0, size), (ref) =>
    Promise.all([readTile(find, ref, notes), readBundle(find, ref, notes)]),
  );
  for await (const [tile, bundle] of pairs) {
    const { index, width } = tile.ref;
    const leaves = Buffer.allocUnsafe(bundle.entries.length * HASH_BYTES);
    for (const [at, entry] of bundle.entries.entries()) {
      leafHashInto(leaves, at * HASH_BYTES, entry);
      listener.entry(index * TILE_WIDTH + at, entry);
    }
    notes.entries += bundle.entries.length;
    const agreed = tile.stored !== null && Buffer.compare(tile.stored, leaves) === 0;
    const content = tile.stored ?? (bundle.fault === null ? leaves : null);
    const subtree = content === null ? null : subtreeOf(content);
    if (agreed && bundle.fault === null && width === TILE_WIDTH && subtree !== null) {
      level.roots.push([subtreeRoot(subtree)]);
    } else {
      const slots = slotsOf(tile, (at) => [hashAt(leaves, at)]);
      level.suspects.set(index, { ...tile, slots, leaves, bundleFault: bundle.fault });
      level.roots.push(width === TILE_WIDTH ? claimedRoots(slots) : []);
    }
    listener.tile(index, subtree);
  }
  return level;
}

const slotsOf = ({ ref, stored }: RawTile, below: (at: number) => readonly Hash[]): Slot[] =>
  Array.from({ length: ref.width }, (_, at) => slotOf(stored && hashAt(stored, at), ...below(at)));

/** The tiles of a level above 0; `roots` are those claimed for the full tiles of the level below. */
export async function scanLevel(
  find: FindTile,
  level: number,
  size: number,
  notes: FsckNotes,
  roots: readonly (readonly Hash[])[],
): Promise<TileClaim[]> {
  const claims: TileClaim[] = [];
  for await (const tile of readAhead(refsOf(level, size), (ref) => readTile(find, ref, notes))) {
    const slots = slotsOf(tile, (at) => roots[tile.ref.index * TILE_WIDTH + at] ?? []);
    claims.push({ ...tile, slots });
  }
  return claims;
}
