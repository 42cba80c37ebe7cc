/** What the ledger's entries say, seal by seal. */

import { decodeEntry, type Entry } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { AkashiError } from '../schema/error.ts';
import { type Claims, claimReader } from '../stages/verify/claims.ts';
import type { Harm } from '../stages/verify/report.ts';
import { makeKey } from '../vault/keys.ts';

export interface History {
  readonly claims: Claims;
  /** Sizes of the ledger after each seal, ascending; the last is its size now. */
  readonly seals: readonly number[];
  /** Key of what a seal left in the vault, by the size it made. */
  readonly growths: ReadonlyMap<number, string>;
}

/** Reads the ledger through once. Throws LEDGER_DAMAGED for entries that do not fit together: nothing is made of such. */
export async function readHistory(
  log: LedgerReader,
  newestGrowth: string | null,
  onEntry: (done: number, total: number) => void = () => {},
): Promise<History> {
  const faults: Harm[] = [];
  const { claims, take } = claimReader(faults);
  const seals: number[] = [];
  const growths = new Map<number, string>();
  for await (const { index, bytes } of log.readEntries(0, log.size)) {
    take(index, bytes);
    const entry = decodeEntry(bytes);
    if (entry.ok && entry.value.kind === 'seal') {
      const { size, growth } = entry.value;
      seals.push(size);
      if (growth !== undefined) growths.set(size, makeKey('growth', { size, sha256: growth }));
    }
    if (index % 4096 === 0) onEntry(index, log.size);
  }
  if (faults.length > 0)
    throw new AkashiError(
      'LEDGER_DAMAGED',
      `${faults[0]!.key}: ${faults[0]!.detail}. Nothing was written; run \`akashi verify\` to see everything.`,
    );
  if (newestGrowth !== null) growths.set(log.size, newestGrowth);
  return { claims, seals: [...seals, log.size], growths };
}

export interface SealedEntries {
  /** Entries of the ledger after this seal. */
  readonly size: number;
  readonly entries: readonly Entry[];
}

/** The entries of each seal, one seal after the other. */
export async function* sealBySeal(
  log: LedgerReader,
  seals: readonly number[],
): AsyncGenerator<SealedEntries> {
  let at = 0;
  let entries: Entry[] = [];
  for await (const { index, bytes } of log.readEntries(0, log.size)) {
    entries.push(need(decodeEntry(bytes)));
    if (index + 1 < seals[at]!) continue;
    yield { size: seals[at]!, entries };
    entries = [];
    at++;
  }
}
