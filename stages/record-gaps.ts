/**
 * Puts on record which hours are silent that never are, or were passed over by a pull: as ledger entries with exact
 * bounds. What is on record already is not said again; hours that are so no more are taken back by an entry.
 */

import { type Stream, streamKey } from '../ledger/coverage/facts.ts';
import { hourOf, startOf } from '../ledger/coverage/hours.ts';
import type { Unit } from '../ledger/coverage/units.ts';
import { type DraftOf, decodeEntry, type EntryOf } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { type Head, readHead } from '../tables/head.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { lakeCoverage } from './lake-coverage.ts';
import { openLedger } from './ledger.ts';
import { seal } from './seal.ts';

/** States of gap entries, and the one that takes each back. Names are stored and never change. */
const TAKEN_BACK = { silent: 'heard', unfetched: 'fetched' } as const;
type Kind = keyof typeof TAKEN_BACK;
const KINDS = Object.keys(TAKEN_BACK) as readonly Kind[];

export interface RecordedGaps {
  /** Hours that are newly on record, and hours that were taken back. */
  readonly told: number;
  readonly takenBack: number;
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
}

/** As of an instant, microseconds. Throws as `seal` and `withWriter` do. */
export async function recordGaps(lake: Lake, asOf: number): Promise<RecordedGaps> {
  return withWriter(lake, async () => {
    const { head } = await readHead(lake.state);
    if (head.checkpoint === null) return { told: 0, takenBack: 0, checkpoint: null };
    const ledger = await openLedger(lake);
    const log = await ledger.recover(async () => Buffer.from(head.checkpoint!));
    const known = new Hours();
    for (const entry of await gapEntries(log, head)) known.replay(entry);
    const found = new Hours();
    await lakeCoverage(lake, asOf, {}, (unit) => found.take(unit));
    const told = found.without(known);
    const back = known.without(found);
    const drafts = [
      ...told.map((one) => draftOf(one, one.kind, asOf)),
      ...back.map((one) => draftOf(one, TAKEN_BACK[one.kind], asOf)),
    ];
    const count = (all: readonly Stretch[]) => all.reduce((sum, { from, to }) => sum + to - from, 0);
    const counts = { told: count(told), takenBack: count(back) };
    if (drafts.length === 0) return { ...counts, checkpoint: null };
    const { checkpoint } = await seal(lake, ledger, [], [], { asOf, drafts });
    return { ...counts, checkpoint };
  });
}

/** All gap entries in the order of the log, along the chain that each source's entries form. */
async function gapEntries(log: LedgerReader, { tails }: Head): Promise<EntryOf<'gap'>[]> {
  const found: { index: number; entry: EntryOf<'gap'> }[] = [];
  for (const [stream, tail] of Object.entries(tails)) {
    if (!stream.startsWith('gap/')) continue;
    for (let index: number | null = tail; index !== null; ) {
      const entry = await entryAt(log, index);
      if (entry?.kind !== 'gap') break;
      found.push({ index, entry: entry as EntryOf<'gap'> });
      index = entry.previous;
    }
  }
  return found.sort((a, b) => a.index - b.index).map(({ entry }) => entry);
}

async function entryAt(log: LedgerReader, index: number) {
  for await (const { bytes } of log.readEntries(index, index + 1)) return need(decodeEntry(bytes));
  return null;
}

/** Hours on end of one stream and kind; `to` exclusive. */
interface Stretch {
  readonly stream: Stream;
  readonly kind: Kind;
  readonly from: number;
  to: number;
}

/** Hours by stream and kind. */
class Hours {
  readonly #sets = new Map<string, { stream: Stream; kind: Kind; hours: Set<number> }>();

  #of(stream: Stream, kind: Kind): Set<number> {
    const key = `${kind} ${streamKey(stream)}`;
    let own = this.#sets.get(key);
    if (own === undefined) {
      own = { stream, kind, hours: new Set() };
      this.#sets.set(key, own);
    }
    return own.hours;
  }

  take({ stream, hour, hours, verdict, basis }: Unit): void {
    const kind =
      verdict === 'silent' ? 'silent' : verdict === 'gap' && basis === 'window' ? 'unfetched' : null;
    if (kind === null) return;
    const own = this.#of(stream, kind);
    for (let at = hour; at < hour + hours; at++) own.add(at);
  }

  /** Adds or takes back what an entry says; entries of other states say nothing here. */
  replay({ source, account, region, from, to, state }: EntryOf<'gap'>): void {
    const stream = { source, account, region };
    for (const kind of KINDS) {
      if (state !== kind && state !== TAKEN_BACK[kind]) continue;
      const own = this.#of(stream, kind);
      for (let hour = hourOf(from); hour < hourOf(to); hour++)
        if (state === kind) own.add(hour);
        else own.delete(hour);
    }
  }

  /** The hours that `other` does not have, as stretches. */
  without(other: Hours): Stretch[] {
    return [...this.#sets.values()].flatMap(({ stream, kind, hours }) => {
      const theirs = other.#of(stream, kind);
      const stretches: Stretch[] = [];
      for (const hour of [...hours].sort((a, b) => a - b)) {
        if (theirs.has(hour)) continue;
        const last = stretches.at(-1);
        if (last?.to === hour) last.to++;
        else stretches.push({ stream, kind, from: hour, to: hour + 1 });
      }
      return stretches;
    });
  }
}

const draftOf = ({ stream, from, to }: Stretch, state: string, at: number): DraftOf<'gap'> => ({
  kind: 'gap',
  ...stream,
  from: startOf(from),
  to: startOf(to),
  state,
  expected: null,
  held: null,
  detail: null,
  at,
});
