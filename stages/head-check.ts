/** What a seal makes sure of before it builds on a head: signing on top of an altered one would make the harm permanent. */

import { decodeEntry, type Entry } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { streamOf } from '../ledger/stream.ts';
import type { TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import type { Head } from '../tables/head.ts';

/**
 * Throws HEAD_DAMAGED unless the head's tables are those that the ledger's entries name, and the streams that are
 * about to grow end where the head says.
 */
export async function checkHead(
  log: LedgerReader,
  { tables, tails }: Head,
  growing: Iterable<string>,
): Promise<void> {
  const named = Object.keys(tables).map((table) => `metadata/${table}`);
  const forgotten = Object.keys(tails).filter((stream) => stream.startsWith('metadata/'));
  const grown = new Set(growing);
  for (const stream of new Set([...named, ...forgotten, ...grown])) {
    const index = tails[stream];
    if (index === undefined) {
      if (named.includes(stream)) throw damaged(`it says nothing of the newest entry of ${stream}`);
      continue;
    }
    const entry = await entryAt(log, index);
    if (entry === null || streamOf(entry) !== stream)
      throw damaged(`its newest entry of ${stream} should be number ${index}, which is another`);
    if (entry.kind === 'metadata' && tables[entry.table as TableName] !== entry.key)
      throw damaged(`for ${entry.table} it does not name ${entry.key}, which the ledger does`);
  }
  if (grown.has('custody')) await refusePassedOver(log, tails['custody'] ?? null);
}

/**
 * A record linked to an older one than the newest would leave those between out of the chain for good. Other streams are
 * not read on to the end: theirs may be far from it, and `verify` names such a link.
 */
async function refusePassedOver(log: LedgerReader, newest: number | null): Promise<void> {
  const from = newest === null ? 0 : newest + 1;
  if (from >= log.size) return;
  for await (const { index, bytes } of log.readEntries(from, log.size))
    if (need(decodeEntry(bytes)).kind === 'custody')
      throw damaged(`it passes over entry ${index}, which is a custody record`);
}

async function entryAt(log: LedgerReader, index: number): Promise<Entry | null> {
  if (index < 0 || index >= log.size) return null;
  for await (const { bytes } of log.readEntries(index, index + 1)) return need(decodeEntry(bytes));
  return null;
}

const damaged = (what: string): AkashiError =>
  new AkashiError(
    'HEAD_DAMAGED',
    `The lake's head is not the one that was sealed: ${what}. Nothing was sealed; what was collected waits and is not ` +
      'lost. Restore state/head from a copy; `akashi verify` shows everything that was changed.',
  );
