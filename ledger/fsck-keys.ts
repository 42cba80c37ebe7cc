/** Keys under `ledger/` that the sealed tree does not account for. */

import { PREFIXES } from '../vault/keys.ts';
import { encodeBundle, wholeEntries } from './bundle.ts';
import type { FindTile } from './files.ts';
import type { FsckNotes } from './fsck-report.ts';
import { HASH_BYTES } from './merkle.ts';
import type { LedgerStores } from './store.ts';
import { PUBLISHED_KEY, parseCheckpointKey } from './store.ts';
import { hashesAt, parseTileKey, TILE_WIDTH, type TileRef, tileKey } from './tiles.ts';

/** Tokens over checkpoints, checked with them, and what seals added, checked by whoever knows the rows. */
const OTHERS = [PREFIXES.timestamps, PREFIXES.growth];

/** Hashes or entries that the tree of `size` leaves has from the beginning of a tile on. */
const held = ({ level, index }: TileRef, size: number): number =>
  hashesAt(size, level === 'entries' ? 0 : level) - index * TILE_WIDTH;

/** Lists both stores. Earlier, narrower forms of a tile may stay until it is full; they must be its beginning. */
export async function checkKeys(
  { vault, state }: LedgerStores,
  find: FindTile,
  size: number,
  notes: FsckNotes,
): Promise<void> {
  const { problems } = notes;
  for await (const { key } of vault.list('ledger/')) {
    if (OTHERS.some((prefix) => key.startsWith(prefix)) || parseCheckpointKey(key) !== null) continue;
    const ref = parseTileKey(key);
    if (ref === null || ref.width < TILE_WIDTH) {
      problems.push({ key, code: 'ADDED', detail: 'no object of a ledger has this key in the vault' });
    } else if (held(ref, size) < TILE_WIDTH) {
      problems.push({ key, code: 'ROLLED_BACK', detail: `it lies beyond the ${size} entries of the head` });
    }
  }
  for await (const { key } of state.list('ledger/')) {
    if (key === PUBLISHED_KEY) continue;
    const ref = parseTileKey(key);
    if (ref === null || ref.width === TILE_WIDTH) {
      problems.push({ key, code: 'ADDED', detail: 'no object of a ledger has this key in the state store' });
    } else if (held(ref, size) < ref.width) {
      problems.push({ key, code: 'ROLLED_BACK', detail: `it lies beyond the ${size} entries of the head` });
    } else if (held(ref, size) > ref.width) {
      await checkEarlierForm({ state, find, size, ref, notes });
    }
  }
}

/** The bytes of a narrower form are the first of the wider one's, for tiles and bundles alike. */
async function checkEarlierForm(given: {
  readonly state: LedgerStores['state'];
  readonly find: FindTile;
  readonly size: number;
  readonly ref: TileRef;
  readonly notes: FsckNotes;
}): Promise<void> {
  const { state, find, size, ref, notes } = given;
  const key = tileKey(ref);
  const { body } = await state.get(key);
  notes.bytes += body.length;
  const wider = await find({ ...ref, width: Math.min(TILE_WIDTH, held(ref, size)) });
  // Where the wider one is missing or altered that is said already, and there is nothing to compare with.
  if (wider === null || notes.problems.some((problem) => problem.key === tileKey(wider.ref))) return;
  const expected = wider.body.subarray(0, bytesOfFirst(ref, wider.body));
  if (Buffer.compare(body, expected) === 0) return;
  if (body.length < expected.length && Buffer.compare(body, expected.subarray(0, body.length)) === 0) {
    const detail = `${body.length} bytes instead of ${expected.length}`;
    notes.problems.push({ key, code: 'TRUNCATED', detail });
  } else {
    notes.problems.push({ key, code: 'ALTERED', detail: `it is no beginning of ${tileKey(wider.ref)}` });
  }
}

/** How long the first hashes or entries of a tile or bundle are, as many as the narrower form has. */
const bytesOfFirst = ({ level, width }: TileRef, body: Uint8Array): number =>
  level === 'entries' ? encodeBundle(wholeEntries(body).slice(0, width)).length : width * HASH_BYTES;
