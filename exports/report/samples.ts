/** The events that were drawn from populations, with all that leads back to the bytes they came from. */

import type { SeriesAnswer, SeriesStatement } from '../../engine/query-series.ts';
import type { Cell } from '../../engine/result.ts';
import type { Period } from './period.ts';
import type { Population } from './populations.ts';

/** What is told of a drawn event: who, what, when, with what result, from where, to what; then where it is kept. */
export const SAMPLE_COLUMNS = [
  'time',
  'uid',
  'source',
  'account',
  'actor_type',
  'actor_name',
  'actor_id',
  'action',
  'operation',
  'status',
  'error_code',
  'src_ip',
  'src_host',
  'target_type',
  'target_id',
  'target_name',
  'evidence',
  'locator',
] as const;

export type SampleRow = Readonly<Record<(typeof SAMPLE_COLUMNS)[number], Cell>> & {
  /** Leaf index of the ledger's entry for the body it came from; null if the ledger has none. */
  readonly ledger_index: number | null;
};

/** Null where nothing was drawn. Copies of an event that disagree are all told. */
export function sampleStatement(
  populations: ReadonlyMap<string, Population>,
  { from, to }: Period,
): SeriesStatement | null {
  const drawn = [...new Set([...populations.values()].flatMap((population) => population.drawn))].sort();
  if (drawn.length === 0) return null;
  // A list of values beside the statement: ids come from logs and are never part of its text.
  return {
    sql: `select ${SAMPLE_COLUMNS.join(', ')}
from events
where time >= $since and time < $until and uid in (select unnest($drawn))
order by time, uid, evidence, locator`,
    parameters: { since: from, until: to, drawn },
  };
}

/** The rows of each population, in the order of their times. */
export function drawnRows(
  populations: ReadonlyMap<string, Population>,
  { rows }: SeriesAnswer,
  evidence: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly SampleRow[]> {
  const all = rows.map((row) => {
    const told = Object.fromEntries(SAMPLE_COLUMNS.map((name, at) => [name, row[at] ?? null])) as Omit<
      SampleRow,
      'ledger_index'
    >;
    return { ...told, ledger_index: evidence.get(String(told.evidence)) ?? null } as SampleRow;
  });
  return new Map(
    [...populations].map(([name, { drawn }]) => {
      const own = new Set(drawn);
      return [name, all.filter(({ uid }) => own.has(String(uid)))];
    }),
  );
}
