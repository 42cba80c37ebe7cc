/**
 * Populations: the events that a saved question lists, counted without listing them. Questions that are one condition on
 * `events` are counted together in a single scan, by the condition as it stands in the question itself.
 */

import type { SeriesAnswer, SeriesStatement } from '../../engine/query-series.ts';
import type { Cell } from '../../engine/result.ts';
import type { Question } from '../../queries/question.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Period } from './period.ts';

export interface Population {
  /** Rows of the question's answer. */
  readonly rows: number;
  readonly failures: number;
  /** Different identities, by id or else by name; those that name nobody are not counted. */
  readonly actors: number;
  /** ISO 8601; null where there are no rows. */
  readonly first: string | null;
  readonly last: string | null;
  /** Rows by source. */
  readonly sources: Readonly<Record<string, number>>;
  /** Ids of the events that were drawn. */
  readonly drawn: readonly string[];
}

const LIST_QUESTION =
  /^select [\s\S]+?\nfrom events\nwhere time >= \$since and time < \$until\n {2}and ([\s\S]*)\norder by time, uid$/;

/** The condition of a question that lists events of a period one by one; null for any other. */
export const conditionOf = ({ sql }: Question): string | null => LIST_QUESTION.exec(sql)?.[1] ?? null;

/** The same. Throws REPORT_INVALID for a question that is no such list. */
export function populationCondition(question: Question): string {
  const condition = conditionOf(question);
  if (condition !== null) return condition;
  throw new AkashiError(
    'REPORT_INVALID',
    `"${question.name}" does not list events one by one, so nothing can be drawn from it; ask it instead.`,
  );
}

/** Sizes of samples: all of few, 25 of more, 40 of very many. */
const SIZES: readonly { readonly upTo: number; readonly size: number }[] = [
  { upTo: 25, size: 25 },
  { upTo: 10_000, size: 25 },
  { upTo: Number.POSITIVE_INFINITY, size: 40 },
];
const LARGEST = Math.max(...SIZES.map(({ size }) => size));

/** How many are drawn of `rows`. */
export const sampleSize = (rows: number): number =>
  Math.min(rows, SIZES.find(({ upTo }) => rows <= upTo)!.size);

/** The rule in words, for whoever draws again. */
export const SAMPLE_RULE =
  'All events of a population of up to 25; 25 of one of up to 10,000; else 40. Drawn are those with the smallest SHA-256 of the ' +
  "snapshot's root hash (hex, lower case) followed by the event's uid: the root commits to everything in the lake, so nobody could " +
  'know beforehand which events it would choose, and anybody can draw the same again.';

export interface BoundPopulation {
  readonly question: Question;
  readonly bound: Readonly<Record<string, string | number | Date>>;
  readonly condition: string;
}

/** One statement for all of them. `seed` decides what is drawn: the ledger's root. */
export function tallyStatement(
  populations: readonly BoundPopulation[],
  { from, to }: Period,
  seed: string | null,
): SeriesStatement {
  const parameters: Record<string, string | number | Date> = { since: from, until: to, seed: seed ?? '' };
  const cases = populations.map(({ bound, condition }, at) => {
    let own = condition;
    for (const [name, value] of Object.entries(bound)) {
      if (name === 'since' || name === 'until') continue;
      own = own.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), `$p${at}_${name}`);
      parameters[`p${at}_${name}`] = value;
    }
    return `case when (${own}\n) then ${at} end`;
  });
  const sql = `with matched as (
  select time, uid, source, status, coalesce(actor_id, actor_name) as who,
    unnest(list_filter([${cases.join(',\n')}], lambda x: x is not null)) as population
  from events
  where time >= $since and time < $until
)
select population, count(*) as rows, count(*) filter (where status = 'failure') as failures, count(distinct who) as actors,
  min(time) as first_time, max(time) as last_time, histogram(source) as sources,
  arg_min(uid, sha256($seed || uid), ${LARGEST}) as drawn
from matched
group by population
order by population`;
  return { sql, parameters };
}

const NONE: Population = {
  rows: 0,
  failures: 0,
  actors: 0,
  first: null,
  last: null,
  sources: {},
  drawn: [],
};

/** Populations by the names they were asked for with. */
export function readTally(names: readonly string[], { rows }: SeriesAnswer): ReadonlyMap<string, Population> {
  const found = new Map<string, Population>();
  for (const [at, count, failures, actors, first, last, sources, drawn] of rows)
    found.set(names[Number(at)]!, {
      rows: Number(count),
      failures: Number(failures),
      actors: Number(actors),
      first: textOf(first),
      last: textOf(last),
      sources: Object.fromEntries(
        (sources as readonly { key: Cell; value: Cell }[]).map(({ key, value }) => [
          String(key),
          Number(value),
        ]),
      ),
      drawn: [...new Set((drawn as readonly Cell[]).map(String))].slice(0, sampleSize(Number(count))),
    });
  return new Map(names.map((name) => [name, found.get(name) ?? NONE]));
}

const textOf = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null);
