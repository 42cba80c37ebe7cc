/** What proves an object: the parts of the ledger that lead from its entry to a signed checkpoint. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { decodeEntry } from '../ledger/entry.ts';
import { openSealed } from '../ledger/recover.ts';
import { CHECKPOINT_PREFIX, checkpointKey, parseCheckpointKey } from '../ledger/store.ts';
import { levelsOf, TILE_WIDTH, tileKey } from '../ledger/tiles.ts';
import { readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey, makeKey, parseKey } from '../vault/keys.ts';

export interface Proofs {
  /** Entries of the ledger they are of. */
  readonly size: number;
  /** Keys in the vault that prove some of these objects. */
  of(objects: ReadonlySet<string>): Set<string>;
}

const NO_PROOFS: Proofs = { size: 0, of: () => new Set() };

/**
 * Reads the ledger through. Tiles and bundles that are not full lie in the state store, which keeps nothing from
 * removal: those are held once they are full.
 */
export async function readProofs(stores: Stores, identity: LogIdentity | null): Promise<Proofs> {
  const { checkpoint } = (await readHead(stores.state)).head;
  if (checkpoint === null || identity === null) return NO_PROOFS;
  const reader = await openSealed(stores, identity, Buffer.from(checkpoint));
  const indexes = new Map<string, number>();
  for await (const { index, bytes } of reader.readEntries(0, reader.size)) {
    const entry = decodeEntry(bytes);
    if (!entry.ok) continue;
    if (entry.value.kind === 'evidence')
      indexes.set(evidenceKey(entry.value.source, entry.value.sha256), index);
    else if (entry.value.kind === 'data') indexes.set(entry.value.key, index);
  }
  const sealed = await sizesUnder(stores, CHECKPOINT_PREFIX);
  const stamped = await sizesUnder(stores, TIMESTAMP_PREFIX);
  return {
    size: reader.size,
    of(objects) {
      const keys = new Set<string>();
      for (const object of objects) {
        const index = indexes.get(object);
        if (index === undefined) continue;
        for (const key of tilesOf(index, reader.size)) keys.add(key);
        const first = sealed.find((size) => size > index);
        if (first !== undefined) keys.add(checkpointKey(first));
        const earliest = stamped.find((size) => size > index && sealed.includes(size));
        if (earliest !== undefined)
          keys.add(checkpointKey(earliest)).add(makeKey('timestamp', { size: earliest }));
      }
      return keys;
    },
  };
}

/** The full tiles above a leaf, and its bundle. */
function* tilesOf(leaf: number, size: number): Generator<string> {
  for (let level = 0, width = TILE_WIDTH; level < levelsOf(size); level++, width *= TILE_WIDTH) {
    const index = Math.floor(leaf / width);
    if ((index + 1) * width > size) return;
    if (level === 0) yield tileKey({ level: 'entries', index, width: TILE_WIDTH });
    yield tileKey({ level, index, width: TILE_WIDTH });
  }
}

export const TIMESTAMP_PREFIX = 'ledger/timestamps/';

/** Sizes of the checkpoints, or of the time-stamped ones, ascending. */
export async function sizesUnder({ vault }: Stores, prefix: string): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { key } of vault.list(prefix)) {
    const parts = parseKey(key);
    const size = parts?.class === 'timestamp' ? parts.size : parseCheckpointKey(key);
    if (size !== null) sizes.push(size);
  }
  return sizes.sort((a, b) => a - b);
}
