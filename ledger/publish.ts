/**
 * From a staging bundle to a published tree. The writer runs this right after it swapped the head, and recovery runs
 * it after a crash anywhere: every step may have been done before, and is then done again without harm.
 */

import { AkashiError } from '../schema/error.ts';
import { pooled } from '../vault/pool.ts';
import type { WriteItem } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import type { TileObject } from './append.ts';
import { type LogIdentity, openCheckpoint, type SignedCheckpoint } from './checkpoint.ts';
import { tileFiles } from './files.ts';
import { sameHash } from './merkle.ts';
import { verifyConsistency } from './merkle-proof.ts';
import { need } from './outcome.ts';
import { type LedgerReader, openReader } from './reader.ts';
import { decodeStaging, type Staging } from './staging.ts';
import {
  checkpointKey,
  getIfPresent,
  hasCode,
  type LedgerStores,
  PUBLISHED_KEY,
  parseStagingKey,
  stagingKey,
} from './store.ts';
import { partialPrefix, TILE_WIDTH, tileKey } from './tiles.ts';

export const forked = (found: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'LEDGER_FORKED',
    `Two histories of this ledger exist: ${found}. Nothing is written to either. Keep both as they are, run ` +
      '`akashi verify`, and find out who else could write to these stores or sign with this key.',
    cause === undefined ? undefined : { cause },
  );

/**
 * Writes everything a staging bundle holds and publishes its checkpoint, in the order that keeps every published
 * checkpoint readable. Throws STAGING_MALFORMED or LEDGER_DAMAGED before writing anything that the signed root does
 * not commit to, LEDGER_FORKED when the stores hold something else already.
 */
export async function replayStaging(
  stores: LedgerStores,
  log: LogIdentity,
  bundle: Uint8Array,
  note: Uint8Array,
): Promise<Staging> {
  const staging = need(decodeStaging(bundle));
  const checkpoint = need(openCheckpoint(note, log));
  if (staging.size !== checkpoint.size || !sameHash(staging.root, checkpoint.root)) {
    throw new AkashiError(
      'STAGING_MALFORMED',
      `The staging bundle grows the ledger to ${staging.size} entries, the checkpoint is of ${checkpoint.size}, ` +
        'or their roots differ. Replay the bundle that was prepared with this checkpoint.',
    );
  }
  const published = await readPublished(stores, log);
  // Whoever went on from here has written all of this first.
  if (published !== null && published.size > staging.size) return staging;

  const reader = await openReader(tileFiles(stores, staging.objects), checkpoint);
  for (const { ref } of staging.objects) {
    await (ref.level === 'entries' ? reader.bundle(ref.index) : reader.tile(ref.level, ref.index));
  }
  await checkContinues(reader, published);
  // Every byte about to be written is now known to lead to the signed root, and the root to continue the old one.
  await write(stores, staging.objects, checkpoint);
  await publish(stores, log, checkpoint);
  // Published: readers that come now need nothing from staging.
  await tidy(stores, staging);
  return staging;
}

/** The published checkpoint; null where there is none or it is none of this log's, since it is made again from the head. */
export async function readPublished(
  { state }: LedgerStores,
  log: LogIdentity,
): Promise<SignedCheckpoint | null> {
  const found = await getIfPresent(state, PUBLISHED_KEY);
  const opened = found === null ? null : openCheckpoint(found.body, log);
  return opened?.ok ? opened.value : null;
}

/** Throws LEDGER_FORKED unless the tree being read has the published one as its beginning. */
export async function checkContinues(
  reader: LedgerReader,
  published: SignedCheckpoint | null,
): Promise<void> {
  if (published === null || published.size > reader.size) return;
  const proof = await reader.consistencyProof(published.size);
  if (verifyConsistency(published.size, reader.size, proof, published.root, reader.root)) return;
  throw forked(
    `the published checkpoint of ${published.size} entries is no beginning of the one of ${reader.size}`,
  );
}

/** Stores tiles, bundles and the sealed checkpoint; all of them are read only once a published checkpoint says so. */
export async function write(
  { vault, state }: LedgerStores,
  objects: readonly TileObject[],
  { size, note }: SignedCheckpoint,
): Promise<void> {
  const items = (full: boolean): WriteItem[] =>
    objects
      .filter(({ ref }) => (ref.width === TILE_WIDTH) === full)
      .map(({ ref, body }) => ({
        key: tileKey(ref),
        body,
        kind: full ? WRITE_KINDS.tile : WRITE_KINDS.partialTile,
      }));
  const sealed: WriteItem = { key: checkpointKey(size), body: note, kind: WRITE_KINDS.checkpoint };
  const writes = [
    () => vault.putManyIfAbsent([...items(true), sealed]),
    () => state.putManyIfAbsent(items(false)),
  ];
  try {
    await pooled(writes, writes.length, (run) => run());
  } catch (error) {
    if (!hasCode(error, 'STORE_CONFLICT')) throw error;
    throw forked((error as Error).message, error);
  }
}

/** Makes the checkpoint the published one unless a newer one is. */
export async function publish(
  { state }: LedgerStores,
  log: LogIdentity,
  checkpoint: SignedCheckpoint,
): Promise<void> {
  const { size, root, note } = checkpoint;
  for (;;) {
    const found = await getIfPresent(state, PUBLISHED_KEY);
    const published = found === null ? null : openCheckpoint(found.body, log);
    if (published?.ok && published.value.size >= size) {
      if (published.value.size > size || sameHash(published.value.root, root)) return;
      throw forked(`two published checkpoints of ${size} entries with different roots`);
    }
    try {
      await state.putIfUnchanged(PUBLISHED_KEY, note, found?.version ?? null);
      return;
    } catch (error) {
      // Somebody else published meanwhile: look at what.
      if (!hasCode(error, 'STORE_CHANGED')) throw error;
    }
  }
}

/** Removes partial tiles that have become full ones, and staging bundles nobody can need any more, this one last. */
async function tidy({ state }: LedgerStores, { size, root, objects }: Staging): Promise<void> {
  for (const { ref } of objects) {
    if (ref.width === TILE_WIDTH) await removeAll(state, partialPrefix(ref), () => true);
  }
  const own = stagingKey(size, root);
  await removeAll(state, 'staging/', (key) => key !== own && (parseStagingKey(key) ?? Infinity) <= size);
  await state.remove(own);
}

async function removeAll(
  state: LedgerStores['state'],
  prefix: string,
  goes: (key: string) => boolean,
): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of state.list(prefix)) if (goes(key)) keys.push(key);
  for (const key of keys) await state.remove(key);
}
