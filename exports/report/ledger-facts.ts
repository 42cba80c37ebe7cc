/** What the ledger itself says, read through once up to a head's signed checkpoint, and which head that was. */

import { type LogIdentity, openCheckpoint } from '../../ledger/checkpoint.ts';
import { decodeEntry, type Entry, type EntryKind, type EntryOf } from '../../ledger/entry.ts';
import { sameHash } from '../../ledger/merkle.ts';
import { need } from '../../ledger/outcome.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { openSealed } from '../../ledger/recover.ts';
import { checkpointKey, getIfPresent } from '../../ledger/store.ts';
import { AkashiError } from '../../schema/error.ts';
import { headAt, type Moment } from '../../stages/at.ts';
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
}

const EMPTY: LedgerFacts = {
  size: 0,
  root: null,
  origin: null,
  counts: {},
  newest: null,
  evidence: new Map(),
  stamps: [],
};

/**
 * Every entry is hashed up to the newest checkpoint, whose signature is verified first. `moment` asks for an older snapshot: then
 * the facts are those of the ledger as it was, up to the checkpoint of then, which the newest must have grown from. Throws
 * KEY_MISSING without a key to believe, SNAPSHOT_NONE and SNAPSHOT_EXPIRED for a moment without a snapshot, LEDGER_DAMAGED and
 * LEDGER_MISSING as the ledger's reader does.
 */
export async function readLedgerFacts(
  stores: Stores,
  newest: Head,
  identity: LogIdentity | null,
  moment?: Moment,
): Promise<{ readonly head: Head; readonly facts: LedgerFacts }> {
  if (newest.checkpoint === null && moment === undefined) return { head: newest, facts: EMPTY };
  const older = moment === undefined ? newest : await headAt(stores, newest, identity, moment);
  if (newest.checkpoint === null || identity === null)
    throw new AkashiError('KEY_MISSING', 'The lake has no ledger.vkey. Put back the copy you kept.');
  const reader = await openSealed(stores, identity, Buffer.from(newest.checkpoint));
  const seal = moment === undefined ? null : await sealAt(reader, moment);
  if (seal === null || seal.size === reader.size)
    return { head: newest, facts: await readThrough(reader, reader.size, reader.root, identity) };
  const { root, text } = await earlierCheckpoint(stores, reader, identity, seal.size);
  return {
    head: { ...older, sequence: seal.sequence, checkpoint: text },
    facts: await readThrough(reader, seal.size, root, identity),
  };
}

interface Seal {
  readonly sequence: number;
  /** Entries of the ledger after it. */
  readonly size: number;
}

/**
 * The last seal that is not after the moment. Each seal but the first ends with an entry that names the size it grew from, so its
 * entries lie between that size and the one that the next seal names.
 */
async function sealAt(reader: LedgerReader, moment: Moment): Promise<Seal> {
  let [sequence, at] = [1, 0];
  let found: Seal = { sequence, size: reader.size };
  let open = true;
  const before = () => ('sequence' in moment ? sequence <= moment.sequence : at <= moment.time);
  for await (const { bytes } of reader.readEntries(0, reader.size)) {
    const entry = need(decodeEntry(bytes));
    if (entry.kind !== 'seal') {
      at = Math.max(at, instantOf(entry) ?? 0);
      continue;
    }
    // The seal before this one is told whole: it ended at the size that this one grew from.
    if (open) found = { sequence, size: entry.size };
    sequence++;
    open = before();
    if (!open) break;
  }
  return open ? { sequence, size: reader.size } : found;
}

async function earlierCheckpoint(
  { vault }: Pick<Stores, 'vault'>,
  reader: LedgerReader,
  identity: LogIdentity,
  size: number,
): Promise<{ readonly root: Uint8Array; readonly text: string }> {
  const stored = await getIfPresent(vault, checkpointKey(size));
  const opened = stored === null ? null : need(openCheckpoint(stored.body, identity));
  if (opened?.size !== size || !sameHash(opened.root, await reader.rootAt(size)))
    throw new AkashiError(
      'LEDGER_DAMAGED',
      `The checkpoint of ${size} entries is not one that the newest has grown from. Run \`akashi verify\`.`,
    );
  return { root: opened.root, text: Buffer.from(stored!.body).toString('utf8') };
}

async function readThrough(
  reader: LedgerReader,
  size: number,
  root: Uint8Array,
  { origin }: LogIdentity,
): Promise<LedgerFacts> {
  const counts: Partial<Record<EntryKind, number>> = {};
  const evidence = new Map<string, number>();
  const stamps: EntryOf<'timestamp'>[] = [];
  let newest: number | null = null;
  for await (const { index, bytes } of reader.readEntries(0, size)) {
    const entry = need(decodeEntry(bytes));
    counts[entry.kind] = (counts[entry.kind] ?? 0) + 1;
    const at = instantOf(entry);
    if (at !== null && (newest === null || at > newest)) newest = at;
    if (entry.kind === 'evidence' && !evidence.has(entry.sha256)) evidence.set(entry.sha256, index);
    else if (entry.kind === 'timestamp') stamps.push(entry);
  }
  return { size, root: Buffer.from(root).toString('hex'), origin, counts, newest, evidence, stamps };
}

/** When the thing was done that an entry tells of, by the clock of who did it. */
function instantOf(entry: Entry): number | null {
  if (entry.kind === 'evidence') return entry.receivedAt;
  if (entry.kind === 'timestamp') return entry.time;
  return 'at' in entry ? (entry.at ?? null) : null;
}
