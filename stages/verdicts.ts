/** Judgements of bodies as rows and ledger entries: only what differs from the last one on record goes in. */

import type { Level } from '../ledger/digests/states.ts';
import type { DraftOf } from '../ledger/entry.ts';
import type { Row } from '../schema/columns.ts';
import type { Head } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { readRows } from './parquet-rows.ts';

/** Hashes in one ledger entry: 34 KB of the 64 that it may have. */
const BODIES = 500;

export type VerdictRow = Row<'verdicts'>;

/** Whose proof, of bodies of which source. */
export interface Proof {
  readonly source: string;
  readonly proof: string;
}

/** By SHA-256 of the body: the state that a proof gave it last. */
export async function newestVerdicts(
  { vault }: Stores,
  head: Head,
  proof: string,
): Promise<ReadonlyMap<string, string>> {
  const newest = new Map<string, { verdict: string; at: number }>();
  for (const { key } of (await readTable(vault, head, 'verdicts')).files)
    for (const row of await readRows((await vault.get(key)).body)) {
      if (row['proof'] !== proof) continue;
      const [evidence, at] = [String(row['evidence']), Number(row['judged_at'])];
      const last = newest.get(evidence);
      if (last === undefined || last.at <= at) newest.set(evidence, { verdict: String(row['verdict']), at });
    }
  return new Map([...newest].map(([evidence, { verdict }]) => [evidence, verdict]));
}

export const verdictRow = (
  { source, proof }: Proof,
  evidence: string,
  { state, level }: { readonly state: string; readonly level: Level },
  at: number,
): VerdictRow => ({ evidence, source, proof, verdict: state, level, judged_at: at });

/** One entry for many bodies of which the same is said: its inclusion proof is the proof of each. */
export function verdictDrafts(rows: readonly VerdictRow[]): DraftOf<'verdict'>[] {
  const drafts: DraftOf<'verdict'>[] = [];
  const alike = Map.groupBy(rows, ({ source, proof, verdict, level, judged_at }) =>
    [source, proof, verdict, level, judged_at].join(' '),
  );
  for (const same of alike.values()) {
    const { source, proof, verdict, level, judged_at } = same[0]!;
    const bodies = same.map(({ evidence }) => evidence!).sort();
    for (let from = 0; from < bodies.length; from += BODIES)
      drafts.push({
        kind: 'verdict',
        source: source!,
        proof: proof!,
        verdict: verdict!,
        level: level as Level,
        bodies: bodies.slice(from, from + BODIES),
        at: judged_at!,
      });
  }
  return drafts;
}
