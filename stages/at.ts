/** AT: the lake as an older snapshot has it, found through the ledger's entries about table metadata. */

import type { LogIdentity } from '../ledger/checkpoint.ts';
import { decodeEntry, type EntryOf } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { openSealed } from '../ledger/recover.ts';
import { TILE_WIDTH } from '../ledger/tiles.ts';
import type { TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { type Head, readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { HEAD_KEY, parseKey } from '../vault/keys.ts';

/** Which snapshot: the seal of this number, or the last one not after this time in microseconds. */
export type Moment = { readonly sequence: number } | { readonly time: number };

/**
 * The stores as they were read at a moment: their head names the tables of then. What is recorded meanwhile goes where
 * it always does. Throws SNAPSHOT_NONE when nothing was sealed by then and for a number beyond the newest, SNAPSHOT_EXPIRED
 * when its files were given up, and as the ledger does.
 */
export async function storesAt<S extends Stores>(
  stores: S,
  identity: LogIdentity | null,
  moment: Moment,
): Promise<S> {
  const { head, version } = await readHead(stores.state);
  const older = Buffer.from(JSON.stringify(await headAt(stores, head, identity, moment)));
  const { state } = stores;
  return {
    ...stores,
    state: {
      ...state,
      get: async (key) => (key === HEAD_KEY ? { body: older, version: version ?? '' } : state.get(key)),
      stat: async (key) =>
        key === HEAD_KEY ? { size: older.length, version: version ?? '' } : state.stat(key),
    },
  };
}

/** The head of then, as far as tables go; checkpoint and entries are those of now. */
export async function headAt(
  stores: Stores,
  head: Head,
  identity: LogIdentity | null,
  moment: Moment,
): Promise<Head> {
  const note = head.checkpoint === null ? null : Buffer.from(head.checkpoint);
  if (note === null || identity === null) throw none(moment);
  // Answered with the newest, the same words would give another answer once there are more.
  if ('sequence' in moment && moment.sequence > head.sequence) throw notYet(moment.sequence, head.sequence);
  const chain = new Chain(await openSealed(stores, identity, note));
  const tables: Partial<Record<TableName, string>> = {};
  let sequence = 0;
  for (const table of Object.keys(head.tables) as TableName[]) {
    const key = await chain.find(head.tails[`metadata/${table}`] ?? null, moment);
    if (key === null) continue;
    tables[table] = key;
    sequence = Math.max(sequence, sequenceOf(key));
  }
  if (Object.keys(tables).length === 0) throw none(moment);
  for (const key of Object.values(tables))
    if ((await stores.vault.stat(key)) === null) throw expired(moment, sequence);
  // The index of now says what it says of files by their keys: those it does not know are read whole.
  return { ...head, sequence, tables };
}

const sequenceOf = (key: string): number => {
  const parts = parseKey(key);
  return parts?.class === 'tableMetadata' ? parts.version : 0;
};

/** Follows entries about table metadata back in time, from each to the one before it in its stream. */
class Chain {
  readonly #log: LedgerReader;
  #bundle: { readonly index: number; readonly entries: readonly Uint8Array[] } | null = null;

  constructor(log: LedgerReader) {
    this.#log = log;
  }

  /** Key of the newest metadata not after the moment, from this entry back; null where there is none. */
  async find(from: number | null, moment: Moment): Promise<string | null> {
    for (let index = from; index !== null; ) {
      const entry = need(decodeEntry(await this.#bytes(index)));
      if (entry.kind !== 'metadata') return null;
      if (await this.#fits(entry, index, moment)) return entry.key;
      index = entry.previous;
    }
    return null;
  }

  async #fits(entry: EntryOf<'metadata'>, index: number, moment: Moment): Promise<boolean> {
    if ('sequence' in moment) return sequenceOf(entry.key) <= moment.sequence;
    return (entry.at ?? (await this.#timeBefore(index))) <= moment.time;
  }

  /** Versions that did not say when they sealed had received something just before. */
  async #timeBefore(index: number): Promise<number> {
    for (let at = index - 1; at >= 0; at--) {
      const entry = need(decodeEntry(await this.#bytes(at)));
      if (entry.kind === 'evidence') return entry.receivedAt;
      if ('at' in entry && typeof entry.at === 'number') return entry.at;
    }
    return 0;
  }

  async #bytes(index: number): Promise<Uint8Array> {
    const bundle = Math.floor(index / TILE_WIDTH);
    if (this.#bundle?.index !== bundle)
      this.#bundle = { index: bundle, entries: await this.#log.bundle(bundle) };
    return this.#bundle.entries[index % TILE_WIDTH]!;
  }
}

const textOf = (moment: Moment): string =>
  'sequence' in moment ? `number ${moment.sequence}` : new Date(moment.time / 1000).toISOString();

const none = (moment: Moment): AkashiError =>
  new AkashiError(
    'SNAPSHOT_NONE',
    `Nothing was sealed by ${textOf(moment)}. Name a later snapshot; \`akashi custody\` shows when the lake was written.`,
  );

const notYet = (asked: number, newest: number): AkashiError =>
  new AkashiError(
    'SNAPSHOT_NONE',
    `There is no snapshot number ${asked} yet: the newest is ${newest}. Name one up to it, or a time.`,
  );

const expired = (moment: Moment, sequence: number): AkashiError =>
  new AkashiError(
    'SNAPSHOT_EXPIRED',
    `Snapshot ${sequence}, which was the lake's at ${textOf(moment)}, was given up by \`akashi compact --expire\`. Its ` +
      'events are in later snapshots, and its evidence is there: name a later one.',
  );
