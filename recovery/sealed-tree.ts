/** The newest sealed tree that the vault can show by itself: a signed checkpoint, and tiles and entries that lead to its root. */

import type { TileObject } from '../ledger/append.ts';
import { encodeBundle } from '../ledger/bundle.ts';
import { type LogIdentity, openCheckpoint, type SignedCheckpoint } from '../ledger/checkpoint.ts';
import { tileFiles } from '../ledger/files.ts';
import { decodeGrowth, firstUncovered } from '../ledger/growth.ts';
import { HASH_BYTES, leafHashInto } from '../ledger/merkle.ts';
import { type LedgerReader, openReader } from '../ledger/reader.ts';
import { CHECKPOINT_PREFIX, getIfPresent, type LedgerStores, parseCheckpointKey } from '../ledger/store.ts';
import { subtreeOf, subtreeRoot } from '../ledger/subtree.ts';
import { hashesAt, levelsOf, partialWidth, TILE_WIDTH, tileKey } from '../ledger/tiles.ts';
import { AkashiError } from '../schema/error.ts';
import { PREFIXES, parseKey } from '../vault/keys.ts';

/** Something that lies in the vault and was passed over, and why. */
export interface PassedOver {
  readonly key: string;
  readonly problem: string;
}

export interface SealedTree {
  readonly checkpoint: SignedCheckpoint;
  readonly reader: LedgerReader;
  /** Partial tiles and entries, as the state store should have them. */
  readonly edge: readonly TileObject[];
  /** Key of the growth that the newest entries came from; null where they lie in full bundles, or in the state store. */
  readonly growth: string | null;
  readonly passedOver: readonly PassedOver[];
}

/**
 * Null in a vault where nothing was sealed. A checkpoint that is none of this log's, or that nobody signed, is passed
 * over and named: anybody may have put it there. Throws LEDGER_INCOMPLETE when the newest signed one has no tree: to go
 * on from an older one would make two histories; LEDGER_ROLLED_BACK when later tiles lie beside it.
 */
export async function newestTree(stores: LedgerStores, log: LogIdentity): Promise<SealedTree | null> {
  const sizes: number[] = [];
  const passedOver: PassedOver[] = [];
  for await (const { key } of stores.vault.list(CHECKPOINT_PREFIX)) {
    const size = parseCheckpointKey(key);
    if (size === null) passedOver.push({ key, problem: 'no checkpoint has such a name' });
    else sizes.push(size);
  }
  for (const size of sizes.sort((a, b) => b - a)) {
    const key = `${CHECKPOINT_PREFIX}${size}`;
    const opened = openCheckpoint((await stores.vault.get(key)).body, log);
    if (!opened.ok) passedOver.push({ key, problem: opened.problem });
    else if (opened.value.size !== size)
      passedOver.push({ key, problem: `it is the checkpoint of ${opened.value.size} entries` });
    else {
      const found = await treeOf(stores, opened.value, passedOver);
      await refuseLater(stores, size);
      return { checkpoint: opened.value, ...found, passedOver };
    }
  }
  return null;
}

async function treeOf(
  stores: LedgerStores,
  checkpoint: SignedCheckpoint,
  passedOver: PassedOver[],
): Promise<Pick<SealedTree, 'reader' | 'edge' | 'growth'>> {
  const { size } = checkpoint;
  const reasons: string[] = [];
  const attempt = async (growth: string | null, entries: readonly Uint8Array[] | null) => {
    try {
      const edge = entries === null ? [] : await edgeOf(stores, size, entries);
      return { reader: await openReader(tileFiles(stores, edge), checkpoint), edge, growth };
    } catch (error) {
      reasons.push(`${growth ?? 'the state store'}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  if (size % TILE_WIDTH === 0) {
    const found = await attempt(await growthOf(stores, size), []);
    if (found !== null) return found;
  }
  for await (const { key } of stores.vault.list(`${PREFIXES.growth}${size}-`)) {
    const entries = await entriesFrom(stores, key, size);
    if ('problem' in entries) {
      reasons.push(`${key}: ${entries.problem}`);
      passedOver.push({ key, problem: entries.problem });
      continue;
    }
    const found = await attempt(key, entries.entries);
    if (found !== null) return found;
    passedOver.push({ key, problem: 'its entries do not lead to the root that was sealed' });
  }
  // Sealed by a version that left no growths: the newest entries are in the state store, if that is still there.
  const found = await attempt(null, null);
  if (found !== null) return found;
  throw new AkashiError(
    'LEDGER_INCOMPLETE',
    `The checkpoint of ${size} entries is signed, and its newest entries are nowhere: ${reasons.join('; ')}. Nothing was ` +
      'written: going on from an older checkpoint would make a second history. Restore what is missing from a copy or a replica.',
  );
}

/** Some growth of the size whose bytes are those of its name; the tree does not need it. */
async function growthOf({ vault }: LedgerStores, size: number): Promise<string | null> {
  for await (const { key } of vault.list(`${PREFIXES.growth}${size}-`))
    if (decodeGrowth(key, (await vault.get(key)).body).ok) return key;
  return null;
}

/** Growths of one bundle: at most one for each of its entries. */
const MOST_GROWTHS = TILE_WIDTH;

/** The entries from the last full bundle on, gathered from a growth and those before it. */
async function entriesFrom(
  { vault }: LedgerStores,
  newest: string,
  size: number,
): Promise<{ entries: Uint8Array[] } | { problem: string }> {
  const first = firstUncovered(size);
  let entries: string[] = [];
  let end = size;
  for (let key: string | null = newest, read = 0; end > first; read++) {
    if (key === null || read > MOST_GROWTHS)
      return { problem: `it does not lead back to entry ${first}, but to ${end}` };
    const stored = await getIfPresent(vault, key);
    if (stored === null) return { problem: `"${key}" before it is not there` };
    const growth = decodeGrowth(key, stored.body);
    if (!growth.ok) return { problem: `${key === newest ? '' : `"${key}" before it: `}${growth.problem}` };
    const { size: reached, first: begins, entries: own, before } = growth.value;
    if (reached !== end) return { problem: `"${key}" ends at entry ${reached}, not at ${end}` };
    entries = [...own.slice(Math.max(0, first - begins)), ...entries];
    end = Math.max(begins, first);
    key = before;
  }
  return { entries: entries.map((text) => Buffer.from(text)) };
}

/** Partial tiles of every level, the lowest from the entries, the others from the full tiles below them. */
async function edgeOf(
  { vault }: LedgerStores,
  size: number,
  entries: readonly Uint8Array[],
): Promise<TileObject[]> {
  const edge: TileObject[] = [];
  for (let level = 0; level < levelsOf(size); level++) {
    const width = partialWidth(size, level);
    if (width === 0) continue;
    const index = Math.floor(hashesAt(size, level) / TILE_WIDTH);
    const body = Buffer.allocUnsafe(width * HASH_BYTES);
    for (let at = 0; at < width; at++) {
      if (level === 0) {
        leafHashInto(body, at * HASH_BYTES, entries[at] ?? new Uint8Array());
        continue;
      }
      const below = tileKey({ level: level - 1, index: index * TILE_WIDTH + at, width: TILE_WIDTH });
      const tile = (await vault.get(below)).body;
      if (tile.length !== TILE_WIDTH * HASH_BYTES)
        throw new AkashiError('LEDGER_DAMAGED', `${below} is no full tile`);
      body.set(subtreeRoot(subtreeOf(tile)), at * HASH_BYTES);
    }
    edge.push({ ref: { level, index, width }, body });
  }
  if (entries.length > 0)
    edge.push({
      ref: { level: 'entries', index: Math.floor(size / TILE_WIDTH), width: entries.length },
      body: encodeBundle(entries),
    });
  return edge;
}

/** A full tile beyond the tree was written by a longer one, whose checkpoint is gone. */
async function refuseLater({ vault }: LedgerStores, size: number): Promise<void> {
  const key = tileKey({ level: 0, index: Math.floor(size / TILE_WIDTH), width: TILE_WIDTH });
  if ((await getIfPresent(vault, key)) === null) return;
  throw new AkashiError(
    'LEDGER_ROLLED_BACK',
    `The newest checkpoint in the vault is of ${size} entries, and ${key} holds later ones: a newer checkpoint was removed. ` +
      'Nothing was written. Find it under ledger/checkpoints/ in a copy, or among the deleted versions of the bucket.',
  );
}

/** Sizes of growths later than a tree: of a seal that was interrupted before its checkpoint was stored. */
export async function laterGrowths({ vault }: LedgerStores, size: number): Promise<string[]> {
  const later: string[] = [];
  for await (const { key } of vault.list(PREFIXES.growth)) {
    const named = parseKey(key);
    if (named?.class === 'growth' && named.size > size) later.push(key);
  }
  return later;
}
