/** Time-stamps that wait to be sealed, and which of them were. */

import { decodeEntry, type EntryOf } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { streamOf } from '../ledger/stream.ts';
import type { Head } from '../tables/head.ts';
import type { StampNote } from './notes.ts';

/** The ledger's entries of time-stamps, the newest first. Ends where the head names an entry of another kind. */
export async function* sealedStamps(
  log: LedgerReader,
  { tails }: Head,
): AsyncGenerator<EntryOf<'timestamp'>> {
  for (let index = tails['timestamp'] ?? null; index !== null && index < log.size; ) {
    let found: EntryOf<'timestamp'> | null = null;
    for await (const { bytes } of log.readEntries(index, index + 1)) {
      const entry = need(decodeEntry(bytes));
      if (entry.kind === 'timestamp' && streamOf(entry) === 'timestamp') found = entry;
    }
    if (found === null) return;
    yield found;
    index = found.previous;
  }
}

/**
 * Those notes that are not sealed yet: a seal that died between its commit and the clearing of the inbox leaves sealed
 * ones there.
 */
export async function withoutSealedStamps(
  log: LedgerReader,
  head: Head,
  notes: readonly StampNote[],
): Promise<StampNote[]> {
  if (notes.length === 0) return [];
  const oldest = Math.min(...notes.map(({ draft }) => draft.size));
  const sealed = new Set<string>();
  for await (const { key, size } of sealedStamps(log, head)) {
    sealed.add(key);
    if (size < oldest) break;
  }
  return notes.filter(({ draft }) => !sealed.has(draft.key) && sealed.add(draft.key));
}
