/** The chain of custody: every record in the ledger, hashed up to its signed checkpoint, and those that wait. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { type DraftOf, decodeEntry, type Entry } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { openSealed } from '../ledger/recover.ts';
import { TILE_WIDTH } from '../ledger/tiles.ts';
import { AkashiError } from '../schema/error.ts';
import { type Head, readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { proofsOf } from './custody-proofs.ts';
import { custodyOf } from './custody-rows.ts';
import { isRecord, type NoteProblem, readNotes } from './notes.ts';

export interface ChainLink {
  readonly record: DraftOf<'custody'>;
  /** Leaf index of its entry; null while it waits to be sealed. */
  readonly index: number | null;
  /** Size of the first sealed checkpoint that covers it; null while it waits. */
  readonly checkpoint: number | null;
  /** Size of the first time-stamped checkpoint that covers it; null while there is none. */
  readonly stamped: number | null;
}

export interface Chain {
  /** Oldest first. */
  readonly links: readonly ChainLink[];
  /** What lies among the waiting records and is none. */
  readonly problems: readonly NoteProblem[];
}

/** `name`: only the records of this case. Throws LEDGER_DAMAGED and LEDGER_MISSING, and KEY_MISSING without a key to believe. */
export async function readChain(
  stores: Stores,
  identity: LogIdentity | null,
  name: string | null = null,
): Promise<Chain> {
  // Before the head: what is sealed meanwhile is then found twice rather than not at all.
  const { notes, problems } = await readNotes(stores.state);
  const { head } = await readHead(stores.state);
  const links: ChainLink[] = [];
  if (head.checkpoint !== null && identity === null)
    throw new AkashiError('KEY_MISSING', 'The lake has no ledger.vkey. Put back the copy you kept.');
  const reader =
    head.checkpoint === null || identity === null
      ? null
      : await openSealed(stores, identity, Buffer.from(head.checkpoint));
  const proofs = identity === null ? null : await proofsOf(stores, identity, reader);
  if (proofs !== null && (await proofs.newest()) > (reader?.size ?? 0)) await refuseRolledBack(stores, head);
  if (reader !== null && proofs !== null) {
    const newest = head.tails['custody'] ?? null;
    await refuseLater(reader, newest);
    for await (const { index, record } of sealedRecords(reader, newest)) {
      links.push({
        record,
        index,
        checkpoint: (await proofs.checkpointOver(index)) ?? reader.size,
        stamped: await proofs.stampOver(index),
      });
    }
    links.reverse();
  }
  const ids = new Set(links.map(({ record }) => record.id));
  for (const { draft } of notes.filter(isRecord)) {
    const record = custodyOf(draft);
    if (!ids.has(record.id)) links.push({ record, index: null, checkpoint: null, stamped: null });
  }
  return { links: links.filter(({ record }) => name === null || record.case === name), problems };
}

/** The head's word for where the newest record is carries no signature. */
async function refuseLater(reader: LedgerReader, newest: number | null): Promise<void> {
  const from = newest === null ? 0 : newest + 1;
  if (from >= reader.size) return;
  for await (const { index, bytes } of reader.readEntries(from, reader.size))
    if (need(decodeEntry(bytes)).kind === 'custody')
      throw damaged(`The head passes over entry ${index}, which is a custody record`);
}

/** A writer that seals meanwhile swaps the head before it stores the checkpoint. */
async function refuseRolledBack({ state }: Stores, { checkpoint }: Head): Promise<void> {
  if ((await readHead(state)).head.checkpoint === checkpoint)
    throw damaged(
      'The head is older than checkpoints that were sealed, so that newer records would be left out',
    );
}

const damaged = (what: string): AkashiError =>
  new AkashiError('LEDGER_DAMAGED', `${what}. Run \`akashi verify\` to see what was changed.`);

/** From the newest back, each by the one after it. */
async function* sealedRecords(
  reader: LedgerReader,
  newest: number | null,
): AsyncGenerator<{ index: number; record: DraftOf<'custody'> }> {
  let read = -1;
  let entries: readonly Uint8Array[] = [];
  for (let index = newest; index !== null; ) {
    const bundle: number = Math.floor(index / TILE_WIDTH);
    if (read !== bundle) entries = await reader.bundle(bundle);
    read = bundle;
    const bytes = entries[index % TILE_WIDTH];
    const entry: Entry | null = bytes === undefined ? null : need(decodeEntry(bytes));
    if (entry?.kind !== 'custody' || (entry.previous !== null && entry.previous >= index))
      throw damaged(`Entry ${index} should be a custody record, and is none`);
    const { v: _, previous, ...record } = entry;
    yield { index, record };
    index = previous;
  }
}
