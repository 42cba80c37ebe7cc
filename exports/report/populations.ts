/**
 * Populations: the events that a saved question lists, counted without listing them. Questions that are one condition on
 * `events` are counted by the condition as it stands in the question itself, those on kinds of events all in one scan.
 */

import type { SeriesAnswer, SeriesStatement } from '../../engine/query-series.ts';
import type { Cell } from '../../engine/result.ts';
import type { Question } from '../../queries/question.ts';
import { EVENT_COLUMNS } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Period } from './period.ts';

export interface Population {
  /** Rows of the question's answer. */
  readonly rows: number;
  readonly failures: number;
  /** Different identities: users, services and roles, whose sessions count once; events that name nobody are not counted. */
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

/** Columns that hold few different values, all of them words of this project or of the providers. */
const KINDS: ReadonlySet<string> = new Set(
  'source cloud class activity action category service actor_type read_only status mfa severity'.split(' '),
);
const COLUMNS: ReadonlySet<string> = new Set(EVENT_COLUMNS.map(({ name }) => name));

/** Columns that a condition speaks of. */
const columnsOf = (condition: string): string[] => [
  ...new Set(
    condition
      .replace(/--.*$/gm, '')
      .replace(/'(?:[^']|'')*'/g, '')
      .match(/[a-z_]+/g)
      ?.filter((word) => COLUMNS.has(word)),
  ),
];

/**
 * Statements that count all of them, each with the places of its populations in the list. Conditions on kinds of events alone are
 * tested once for each kind that there is and not for each event; each of the others has a statement of its own. `seed` decides what is drawn: the ledger's root.
 */
export function tallyStatements(
  populations: readonly BoundPopulation[],
  period: Period,
  seed: string | null,
): SeriesStatement[] {
  const numbered = populations.map((population, at) => ({ ...population, at }));
  const ofKinds = numbered.filter(({ condition }) => columnsOf(condition).every((name) => KINDS.has(name)));
  const others = numbered.filter((one) => !ofKinds.includes(one));
  return [
    ...(ofKinds.length > 0 ? [tally(ofKinds, period, seed, matchedByKind)] : []),
    ...others.map((other) => tally([other], period, seed, matchedByItself)),
  ];
}

interface Case {
  readonly at: number;
  readonly condition: string;
}

function tally(
  populations: readonly (BoundPopulation & { readonly at: number })[],
  { from, to }: Period,
  seed: string | null,
  matched: (cases: readonly Case[]) => string,
): SeriesStatement {
  const parameters: Record<string, string | number | Date> = { since: from, until: to, seed: seed ?? '' };
  const cases = populations.map(({ bound, condition, at }): Case => {
    let own = condition;
    for (const [name, value] of Object.entries(bound)) {
      if (name === 'since' || name === 'until') continue;
      own = own.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), `$p${at}_${name}`);
      parameters[`p${at}_${name}`] = value;
    }
    return { at, condition: own };
  });
  const sql = `with ${matched(cases)}
select population, count(*) as rows, count(*) filter (where status = 'failure') as failures, count(distinct who) as actors,
  min(time) as first_time, max(time) as last_time, histogram(source) as sources,
  arg_min(uid, sha256($seed || uid), ${LARGEST}) as drawn
from matched
group by population
order by population`;
  return { sql, parameters };
}

const RANGE = 'time >= $since and time < $until';
/** Sessions of a role are one identity: the role. */
const WHO = 'coalesce(actor_issuer, actor_id, actor_name) as who';

/** The places of all populations that a row belongs to. */
const placesOf = (cases: readonly Case[]): string =>
  `list_filter([${cases.map(({ at, condition }) => `case when (${condition}\n) then ${at} end`).join(',\n')}], lambda x: x is not null)`;

function matchedByKind(cases: readonly Case[]): string {
  const columns = [...new Set(cases.flatMap(({ condition }) => columnsOf(condition)))];
  const same = columns.map((name) => `e.${name} is not distinct from w.${name}`).join(' and ');
  // The count in the condition keeps it from being tested on each event before they are grouped.
  return `kinds as materialized (
  select ${columns.join(', ')}, count(*) as events from events where ${RANGE} group by ${columns.join(', ')}
), wanted as materialized (
  select * from (select *, ${placesOf(cases)} as places from kinds) where len(places) * events > 0
), matched as (
  select e.time, e.uid, e.source, e.status, ${WHO}, unnest(w.places) as population
  from events e join wanted w on (${same})
  where ${RANGE}
)`;
}

/** A condition by itself is tested column by column, while the file is read. */
const matchedByItself = (cases: readonly Case[]): string => `matched as (
  ${cases
    .map(
      ({ at, condition }) => `select time, uid, source, status, ${WHO}, ${at} as population
  from events
  where ${RANGE} and (${condition}
)`,
    )
    .join('\n  union all\n  ')}
)`;

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
export function readTally(
  names: readonly string[],
  answers: readonly SeriesAnswer[],
): ReadonlyMap<string, Population> {
  const found = new Map<string, Population>();
  for (const [at, count, failures, actors, first, last, sources, drawn] of answers.flatMap(
    ({ rows }) => rows,
  ))
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
