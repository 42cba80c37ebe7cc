/** Rows that no body says, gathered anew: as seals left them in the vault, else as the ledger's entries say. */

import type { Entry, EntryOf } from '../ledger/entry.ts';
import { decodeGrowth, type GrownRows } from '../ledger/growth.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { getIfPresent } from '../ledger/store.ts';
import type { Row } from '../schema/columns.ts';
import { custodyRow } from '../stages/custody-rows.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { runJob } from '../stages/job.ts';
import type { RecordTable } from '../stages/store.ts';
import type { Stores } from '../vault/evidence.ts';
import { bodyOf } from './data-files.ts';
import { type History, sealBySeal } from './history.ts';

export interface Gathered {
  readonly rows: ReadonlyMap<RecordTable, readonly object[]>;
  /** Bodies whose object metadata is lost: of it the ledger has the hash alone. */
  readonly withoutMetadata: number;
  /** Seals whose facts of coverage, beyond counts of records, are lost. */
  readonly withoutFacts: number;
}

/** All rows of these tables, in the order of the ledger. */
export async function gatherRecords(
  stores: Stores,
  log: LedgerReader,
  { seals, growths }: History,
  tables: ReadonlySet<RecordTable>,
): Promise<Gathered> {
  const rows = new Map<RecordTable, object[]>([...tables].map((table) => [table, []]));
  let withoutMetadata = 0;
  let withoutFacts = 0;
  for await (const { entries, size } of sealBySeal(log, seals)) {
    const left = await rowsLeft(stores, growths.get(size));
    for (const [table, into] of rows) {
      const own = left?.filter((one) => one.table === table).flatMap((one) => one.rows) ?? [];
      const first = size - entries.length;
      if (own.length > 0) into.push(...own);
      else if (table === 'custody') into.push(...custodyIn(entries, first));
      else if (table === 'verdicts') into.push(...verdictsIn(entries));
      else if (table === 'evidence') {
        const found = await evidenceIn(stores, entries);
        withoutMetadata += found.withoutMetadata;
        into.push(...found.rows);
      } else if (left === null && entries.some((entry) => entry.kind === 'data' && entry.table === table))
        withoutFacts++;
    }
  }
  return { rows, withoutMetadata, withoutFacts };
}

async function rowsLeft({ vault }: Stores, key: string | undefined): Promise<readonly GrownRows[] | null> {
  const stored = key === undefined ? null : await getIfPresent(vault, key);
  const growth = stored === null ? null : decodeGrowth(key!, stored.body);
  return growth?.ok ? growth.value.rows : null;
}

const custodyIn = (entries: readonly Entry[], first: number): Row<'custody'>[] =>
  entries.flatMap((entry, at) => (entry.kind === 'custody' ? [custodyRow(entry, first + at)] : []));

const verdictsIn = (entries: readonly Entry[]): Row<'verdicts'>[] =>
  entries.flatMap((entry) => {
    if (entry.kind !== 'verdict') return [];
    const { source, proof, verdict, level, at } = entry;
    return entry.bodies.map((evidence) => ({ evidence, source, proof, verdict, level, judged_at: at }));
  });

/** Their entries say all but what reading the bodies again says, and the text of the metadata. */
async function evidenceIn(
  stores: Stores,
  entries: readonly Entry[],
): Promise<{ rows: Row<'evidence'>[]; withoutMetadata: number }> {
  const bodies = entries.filter((entry): entry is EntryOf<'evidence'> => entry.kind === 'evidence');
  const rows: Row<'evidence'>[] = [];
  for (const entry of bodies) rows.push(await evidenceRowOf(stores, entry));
  return { rows, withoutMetadata: bodies.filter(({ metadata }) => metadata !== null).length };
}

/** The row of a body as a seal would have written it. Its files of rows are those that there are. */
export async function evidenceRowOf(stores: Stores, entry: EntryOf<'evidence'>): Promise<Row<'evidence'>> {
  const { evidence } = await runJob(readOnly(stores), [bodyOf(entry).manifest], EXPANSION_LIMITS);
  const { counts, firstTime, lastTime, mapping, verdict, retainUntil } = entry;
  return {
    ...evidence[0]!,
    ...counts,
    first_time: firstTime,
    last_time: lastTime,
    mapping_version: mapping,
    verdict,
    retain_until: retainUntil ?? null,
  };
}

/** Stores that keep nothing of what is written. */
export const readOnly = ({ vault, state }: Stores): Stores => ({
  vault: {
    ...vault,
    putIfAbsent: async () => 'exists',
    putManyIfAbsent: async (items) => items.map(() => 'exists' as const),
  },
  state: {
    ...state,
    putIfAbsent: async () => 'exists',
    putManyIfAbsent: async (items) => items.map(() => 'exists' as const),
    put: async () => {},
  },
});
