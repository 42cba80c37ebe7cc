/** What the ledger itself says, read through once up to a head's signed checkpoint. */

import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { decodeEntry, type Entry, type EntryKind, type EntryOf } from '../../ledger/entry.ts';
import { need } from '../../ledger/outcome.ts';
import { openSealed } from '../../ledger/recover.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Head } from '../../tables/head.ts';
import type { Stores } from '../../vault/evidence.ts';

export interface LedgerFacts {
  /** Entries; 0 where nothing was ever sealed. */
  readonly size: number;
  /** Hex; null where nothing was ever sealed. */
  readonly root: string | null;
  readonly origin: string | null;
  /** Entries by kind. */
  readonly counts: Readonly<Partial<Record<EntryKind, number>>>;
  /** Microseconds: the newest instant at which anything in the ledger was done; null where nothing was sealed. */
  readonly newest: number | null;
  /** Leaf index of each evidence object's first entry, by its SHA-256. */
  readonly evidence: ReadonlyMap<string, number>;
  readonly stamps: readonly EntryOf<'timestamp'>[];
  readonly holds: readonly EntryOf<'hold'>[];
  readonly keys: readonly EntryOf<'key'>[];
  /** Hours that a run recorded as silent or passed over, and those it took back. */
  readonly gaps: number;
}

const EMPTY: LedgerFacts = {
  size: 0,
  root: null,
  origin: null,
  counts: {},
  newest: null,
  evidence: new Map(),
  stamps: [],
  holds: [],
  keys: [],
  gaps: 0,
};

/**
 * Every entry is hashed up to the checkpoint, whose signature is verified first. Throws KEY_MISSING without a key to believe,
 * LEDGER_DAMAGED and LEDGER_MISSING as the ledger's reader does.
 */
export async function readLedgerFacts(
  stores: Stores,
  head: Head,
  identity: LogIdentity | null,
): Promise<LedgerFacts> {
  if (head.checkpoint === null) return EMPTY;
  if (identity === null)
    throw new AkashiError('KEY_MISSING', 'The lake has no ledger.vkey. Put back the copy you kept.');
  const reader = await openSealed(stores, identity, Buffer.from(head.checkpoint));
  const counts: Partial<Record<EntryKind, number>> = {};
  const evidence = new Map<string, number>();
  const stamps: EntryOf<'timestamp'>[] = [];
  const holds: EntryOf<'hold'>[] = [];
  const keys: EntryOf<'key'>[] = [];
  let newest: number | null = null;
  for await (const { index, bytes } of reader.readEntries(0, reader.size)) {
    const entry = need(decodeEntry(bytes));
    counts[entry.kind] = (counts[entry.kind] ?? 0) + 1;
    const at = instantOf(entry);
    if (at !== null && (newest === null || at > newest)) newest = at;
    if (entry.kind === 'evidence' && !evidence.has(entry.sha256)) evidence.set(entry.sha256, index);
    else if (entry.kind === 'timestamp') stamps.push(entry);
    else if (entry.kind === 'hold') holds.push(entry);
    else if (entry.kind === 'key') keys.push(entry);
  }
  const root = Buffer.from(reader.root).toString('hex');
  const gaps = counts.gap ?? 0;
  return {
    size: reader.size,
    root,
    origin: identity.origin,
    counts,
    newest,
    evidence,
    stamps,
    holds,
    keys,
    gaps,
  };
}

/** When the thing was done that an entry tells of, by the clock of who did it. */
function instantOf(entry: Entry): number | null {
  if (entry.kind === 'evidence') return entry.receivedAt;
  if (entry.kind === 'timestamp') return entry.time;
  return 'at' in entry ? entry.at : null;
}
