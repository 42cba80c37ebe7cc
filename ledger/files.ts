/** Reads tiles and bundles from where they lie: full ones in the vault, partial ones in the state store. */

import { AkashiError } from '../schema/error.ts';
import type { TileObject } from './append.ts';
import { decodeBundle } from './bundle.ts';
import { HASH_BYTES } from './merkle.ts';
import { getIfPresent, type LedgerStores } from './store.ts';
import { TILE_WIDTH, type TileRef, tileKey } from './tiles.ts';

/** Throws LEDGER_MISSING and LEDGER_DAMAGED, naming the key; what it returns is not yet checked against any root. */
export interface TileFiles {
  /** Exactly `width` hashes. */
  tile(ref: TileRef): Promise<Uint8Array>;
  /** Exactly `width` entries. */
  bundle(ref: TileRef): Promise<readonly Uint8Array[]>;
}

export const damaged = (key: string, problem: string): AkashiError =>
  new AkashiError(
    'LEDGER_DAMAGED',
    `${key}: ${problem}. What is stored there is not what was sealed; ` +
      'run `akashi verify` to see everything that was altered.',
  );

const missing = (key: string): AkashiError =>
  new AkashiError(
    'LEDGER_MISSING',
    `${key} is not there, though the sealed ledger has it. It was removed, or the store is not the one this ` +
      'ledger was written to; run `akashi verify` to see everything that is missing.',
  );

export interface FoundTile {
  readonly body: Uint8Array;
  /** What was found: the tile asked for, or the full one it became a part of. */
  readonly ref: TileRef;
}

/** Looks a tile or bundle up; null when it is nowhere. */
export type FindTile = (ref: TileRef) => Promise<FoundTile | null>;

/** `overlay` stands in front of the stores: objects of a staging bundle that may not have been written yet. */
export function tileFinder({ vault, state }: LedgerStores, overlay: readonly TileObject[] = []): FindTile {
  const staged = new Map(overlay.map(({ ref, body }) => [tileKey(ref), body]));
  const stored = async (ref: TileRef): Promise<FoundTile | null> => {
    const key = tileKey(ref);
    const body =
      staged.get(key) ?? (await getIfPresent(ref.width === TILE_WIDTH ? vault : state, key))?.body ?? null;
    return body === null ? null : { body, ref };
  };
  return async (ref) => {
    const found = await stored(ref);
    // Partial ones are removed once the full one exists, perhaps since the caller learned of the tree's size.
    return found !== null || ref.width === TILE_WIDTH ? found : stored({ ...ref, width: TILE_WIDTH });
  };
}

export function tileFiles(stores: LedgerStores, overlay: readonly TileObject[] = []): TileFiles {
  const find = tileFinder(stores, overlay);
  const read = async (ref: TileRef): Promise<FoundTile> => {
    const found = await find(ref);
    if (found === null) throw missing(tileKey(ref));
    return found;
  };
  return {
    async tile(asked) {
      const { body, ref } = await read(asked);
      if (body.length !== ref.width * HASH_BYTES) {
        throw damaged(
          tileKey(ref),
          `${body.length} bytes, not the ${ref.width * HASH_BYTES} of ${ref.width} hashes`,
        );
      }
      return body.subarray(0, asked.width * HASH_BYTES);
    },
    async bundle(asked) {
      const { body, ref } = await read(asked);
      const entries = decodeBundle(body);
      if (!entries.ok) throw damaged(tileKey(ref), entries.problem);
      if (entries.value.length !== ref.width) {
        throw damaged(tileKey(ref), `${entries.value.length} entries, not ${ref.width}`);
      }
      return entries.value.slice(0, asked.width);
    },
  };
}
