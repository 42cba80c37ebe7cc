/** Brings the stores to where the head says they are, or says why that must not be done. */

import { AkashiError } from '../schema/error.ts';
import { type LogIdentity, openCheckpoint, type SignedCheckpoint, type TreeHead } from './checkpoint.ts';
import { tileFiles } from './files.ts';
import { EMPTY_ROOT, sameHash } from './merkle.ts';
import { need } from './outcome.ts';
import { checkContinues, forked, publish, readPublished, replayStaging, write } from './publish.ts';
import { type LedgerReader, openReader } from './reader.ts';
import { decodeStaging } from './staging.ts';
import { CHECKPOINT_PREFIX, getIfPresent, type LedgerStores, stagingKey } from './store.ts';
import { grownTiles, TILE_WIDTH, tileKey } from './tiles.ts';

const EMPTY_HEAD: TreeHead = { size: 0, root: EMPTY_ROOT };

const rolledBack = (found: string): AkashiError =>
  new AkashiError(
    'LEDGER_ROLLED_BACK',
    `The head is older than the ledger: ${found}. Nothing is written. \`akashi rebuild\` ` +
      'makes the newest head again from the vault; find out how the old one came back.',
  );

/**
 * The tree that `note`, the checkpoint in the head, commits to (null: a lake that was never sealed), with all its
 * tiles in place and published. Throws LEDGER_ROLLED_BACK, LEDGER_FORKED, LEDGER_DAMAGED, LEDGER_MISSING, or the
 * reason why the checkpoint is not believed.
 */
export async function recoverTo(
  stores: LedgerStores,
  log: LogIdentity,
  note: Uint8Array | null,
): Promise<LedgerReader> {
  const checkpoint = note === null ? null : need(openCheckpoint(note, log));
  const head = checkpoint ?? EMPTY_HEAD;
  const published = await readPublished(stores, log);
  refuseOlderHead(head, published);
  await refuseTilesBeyond(stores, head);
  if (checkpoint === null) return openReader(tileFiles(stores), head);

  // The swap of the head came before its tiles: whatever of them is missing lies in staging.
  const staged = await getIfPresent(stores.state, stagingKey(head.size, head.root));
  const staging = staged && (await replayStaging(stores, log, staged.body, checkpoint.note));
  const reader = await openReader(tileFiles(stores), head);
  // What neither an earlier publication nor this replay vouches for is looked at before it is built upon.
  await checkStored(reader, published?.size ?? 0, staging?.previous ?? head.size);
  // Published last of all, after the vault has its copy: nothing is left to finish.
  if (staging === null && published?.size !== head.size) {
    await checkContinues(reader, published);
    await write(stores, [], checkpoint);
    await publish(stores, log, checkpoint);
  }
  return reader;
}

function refuseOlderHead(head: TreeHead, published: SignedCheckpoint | null): void {
  if (published === null || published.size < head.size) return;
  if (published.size > head.size) {
    throw rolledBack(`it has ${head.size} entries, the published checkpoint ${published.size}`);
  }
  if (!sameHash(published.root, head.root)) {
    throw forked(
      `the head and the published checkpoint are both of ${head.size} entries, with different roots`,
    );
  }
}

/** The vault forgets nothing: a full tile at the head's right edge was written by a longer tree. */
async function refuseTilesBeyond({ vault }: LedgerStores, { size }: TreeHead): Promise<void> {
  const key = tileKey({ level: 0, index: Math.floor(size / TILE_WIDTH), width: TILE_WIDTH });
  for await (const found of vault.list(key)) {
    if (found.key === key) throw rolledBack(`it has ${size} entries, and ${key} holds later ones`);
  }
  if (size > 0) return;
  for await (const found of vault.list(CHECKPOINT_PREFIX)) {
    throw rolledBack(`there is none, and ${found.key} was sealed`);
  }
}

async function checkStored(reader: LedgerReader, from: number, to: number): Promise<void> {
  if (from >= to) return;
  for (const { level, index } of grownTiles(from, to)) {
    await (level === 'entries' ? reader.bundle(index) : reader.tile(level, index));
  }
}

/**
 * Reads the tree a checkpoint commits to without writing anything: also right after the head was swapped, while its
 * tiles still lie in staging.
 */
export async function openSealed(
  stores: LedgerStores,
  log: LogIdentity,
  note: Uint8Array,
): Promise<LedgerReader> {
  const checkpoint = need(openCheckpoint(note, log));
  const staged = await getIfPresent(stores.state, stagingKey(checkpoint.size, checkpoint.root));
  const staging = staged && decodeStaging(staged.body);
  return openReader(tileFiles(stores, staging?.ok ? staging.value.objects : []), checkpoint);
}
