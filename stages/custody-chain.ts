/** The chain of custody: every record in the ledger, hashed up to its signed checkpoint, and those that wait. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { type DraftOf, decodeEntry, type Entry } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { openSealed } from '../ledger/recover.ts';
import { CHECKPOINT_PREFIX } from '../ledger/store.ts';
import { TILE_WIDTH } from '../ledger/tiles.ts';
import { AkashiError } from '../schema/error.ts';
import { readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { custodyOf } from './custody-rows.ts';
import { sizesUnder, TIMESTAMP_PREFIX } from './hold-proofs.ts';
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
  if (head.checkpoint !== null) {
    if (identity === null)
      throw new AkashiError('KEY_MISSING', 'The lake has no ledger.vkey. Put back the copy you kept.');
    const reader = await openSealed(stores, identity, Buffer.from(head.checkpoint));
    const sealed = await sizesUnder(stores, CHECKPOINT_PREFIX);
    const stamps = await sizesUnder(stores, TIMESTAMP_PREFIX);
    for await (const { index, record } of sealedRecords(reader, head.tails['custody'] ?? null)) {
      const covers = (size: number) => size > index;
      links.push({
        record,
        index,
        checkpoint: sealed.find(covers) ?? reader.size,
        stamped: stamps.find(covers) ?? null,
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
      throw new AkashiError(
        'LEDGER_DAMAGED',
        `Entry ${index} should be a custody record, and is none. Run \`akashi verify\` to see what was changed.`,
      );
    const { v: _, previous, ...record } = entry;
    yield { index, record };
    index = previous;
  }
}
