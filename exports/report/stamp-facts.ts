/** Time-stamps as facts of a report: what they cover, and how far the lake's clock was from the authority's. */

import { createHash } from 'node:crypto';
import type { EntryOf } from '../../ledger/entry.ts';
import { decodeContext } from '../../ledger/timestamps/context.ts';
import { readFrom } from '../../stages/kept-stamp.ts';
import { contextKey } from '../../stages/stamp-keys.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Period } from './period.ts';

export interface StampFacts {
  /** All that the ledger names. */
  readonly count: number;
  readonly newest: { readonly size: number; readonly time: string; readonly authority: string } | null;
  /** Those made in the period, each with what the lake's clock said when it asked. */
  readonly clocks: readonly ClockCheck[];
  /** Of the period's, those without what was kept of their making. */
  readonly withoutContext: number;
}

export interface ClockCheck {
  /** Entries of the ledger under the stamp. */
  readonly size: number;
  readonly authority: string;
  /** The authority's time, RFC 3339. */
  readonly time: string;
  /** The lake's clock when it asked and when it had the answer. */
  readonly sentAt: string;
  readonly receivedAt: string;
  /** Seconds by which the lake's clock was at least ahead (or behind, negative); 0 where the authority's time lies between. */
  readonly offsetSeconds: number;
}

/** Tokens name whole seconds unless they say more, so a difference below this is none, microseconds. */
const SECOND = 1_000_000;

export async function stampFacts(
  stores: Pick<Stores, 'vault'>,
  stamps: readonly EntryOf<'timestamp'>[],
  { from, to }: Period,
): Promise<StampFacts> {
  const read = readFrom(stores);
  const clocks: ClockCheck[] = [];
  let withoutContext = 0;
  for (const { size, time, authority, tokenSha256, contextSha256 } of stamps) {
    if (time < from.getTime() * 1000 || time >= to.getTime() * 1000) continue;
    const bytes = await read(contextKey(size, tokenSha256));
    // Only what the ledger vouches for counts.
    const sealed = bytes !== null && createHash('sha256').update(bytes).digest('hex') === contextSha256;
    const context = sealed ? decodeContext(bytes) : null;
    if (context?.ok !== true) {
      withoutContext++;
      continue;
    }
    const { sentAt, receivedAt } = context.value;
    const offset =
      time + SECOND < sentAt ? sentAt - time : time > receivedAt + SECOND ? receivedAt - time : 0;
    clocks.push({
      size,
      authority,
      time: iso(time),
      sentAt: iso(sentAt),
      receivedAt: iso(receivedAt),
      offsetSeconds: Math.round(offset / 100_000) / 10,
    });
  }
  const newest = stamps.reduce<EntryOf<'timestamp'> | null>(
    (best, stamp) => (best === null || stamp.time > best.time ? stamp : best),
    null,
  );
  return {
    count: stamps.length,
    newest:
      newest === null ? null : { size: newest.size, time: iso(newest.time), authority: newest.authority },
    clocks,
    withoutContext,
  };
}

const iso = (micros: number): string => new Date(Math.floor(micros / 1000)).toISOString();
