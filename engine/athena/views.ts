/**
 * The published views in Athena's dialect, which is Trino's: https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html
 * They say the same as ours. Copies of an event are settled on the days that have some; all other days are read as they are.
 */

import { type ColumnType, TABLES, type TableName } from '../../schema/columns.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import { SUBSTANCE } from '../views/copies.ts';
import { timelineRelation } from '../views/timeline.ts';

export const ATHENA_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  json: 'varchar',
  time: 'timestamp(6) with time zone',
  int: 'integer',
  long: 'bigint',
  bool: 'boolean',
  strings: 'array(varchar)',
};

/** A table as Athena finds it, at the snapshot that is asked about. */
export interface AthenaTable {
  /** What stands after FROM for its rows; null where it has none yet. */
  readonly rows: string | null;
  /** The same for copies that a compaction set aside. */
  readonly copies: string | null;
  /** Days, as texts, on which some event is held more than once; `undated` among them. */
  readonly overlapDays: readonly string[];
}

export type AthenaTables = Readonly<Partial<Record<TableName, AthenaTable>>>;

/** Views that a statement for Athena may name, each with those that it is built on. */
const BUILT_ON: Readonly<Record<string, readonly string[]>> = {
  events: [],
  flows: [],
  timeline: ['events', 'flows'],
  verdicts: [],
  evidence: ['verdicts'],
  quarantine: [],
  custody: [],
  coverage_facts: [],
  events_all: [],
};

/** Whether Athena can answer from these views: those over the vendor's own fields and OCSF's are ours alone. */
export const athenaKnows = (views: Iterable<string>): boolean =>
  [...views].every((name) => Object.hasOwn(BUILT_ON, name));

/** `name AS (…)` for each of these views and those they need, in an order in which each stands after what it needs. */
export function athenaViews(
  views: Iterable<string>,
  tables: AthenaTables,
  sourceRank: readonly string[],
): readonly string[] {
  const ordered = new Set<string>();
  const take = (name: string): void => {
    for (const needed of BUILT_ON[name] ?? []) take(needed);
    ordered.add(name);
  };
  for (const name of views) take(name);
  return [...ordered].map((name) => `${quoteName(name)} AS (${relationOf(name, tables, sourceRank)})`);
}

function relationOf(name: string, tables: AthenaTables, sourceRank: readonly string[]): string {
  switch (name) {
    case 'events':
    case 'flows':
      return shownOnce(name, tables[name], sourceRank);
    case 'events_all':
      return everyCopy('events', tables.events);
    case 'timeline':
      return timelineRelation();
    case 'evidence':
      return withVerdicts(everyCopy('evidence', tables.evidence));
    default:
      return everyCopy(name as TableName, tables[name as TableName]);
  }
}

const namesOf = (table: TableName): string => TABLES[table].map(({ name }) => quoteName(name)).join(', ');

const noRows = (table: TableName): string =>
  `SELECT ${TABLES[table].map(({ name, type }) => `CAST(NULL AS ${ATHENA_TYPES[type]}) AS ${quoteName(name)}`).join(', ')} WHERE false`;

function everyCopy(table: TableName, of: AthenaTable | undefined, where = ''): string {
  const parts = [of?.rows ?? null, of?.copies ?? null].filter((part) => part !== null);
  if (parts.length === 0) return noRows(table);
  return parts.map((part) => `SELECT ${namesOf(table)} FROM ${part}${where}`).join(' UNION ALL ');
}

/** Newest verdict of the provider's own proof on each body. */
function withVerdicts(rows: string): string {
  const columns = TABLES.evidence.map(({ name }) => {
    const own = `e.${quoteName(name)}`;
    if (name === 'verdict') return `coalesce(v.verdict, ${own}) AS verdict`;
    return name === 'verdict_at' ? `coalesce(v.judged_at, ${own}) AS verdict_at` : own;
  });
  return `SELECT ${columns.join(', ')} FROM (${rows}) e LEFT JOIN (
    SELECT evidence, max_by(verdict, judged_at) AS verdict, max(judged_at) AS judged_at FROM verdicts GROUP BY evidence
  ) v ON v.evidence = e.sha256`;
}

const DAY_MILLIS = 86_400_000;

/** A condition on time that holds on these days: partitions are passed over by it. */
function onDays(days: readonly string[]): string {
  const stamp = (millis: number) => `TIMESTAMP '${new Date(millis).toISOString().slice(0, 10)} 00:00:00 UTC'`;
  const starts = days
    .map((day) => Date.parse(`${day}T00:00:00Z`))
    .filter((start) => !Number.isNaN(start))
    .sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const start of starts) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === start) last[1] = start + DAY_MILLIS;
    else ranges.push([start, start + DAY_MILLIS]);
  }
  const conditions = ranges.map(([from, to]) => `"time" >= ${stamp(from)} AND "time" < ${stamp(to)}`);
  if (starts.length < days.length) conditions.push('"time" IS NULL');
  return conditions.map((condition) => `(${condition})`).join(' OR ');
}

/** Each event once, the best of its copies, or all of them where they disagree: the rule of `views/copies.ts`. */
function shownOnce(
  table: 'events' | 'flows',
  of: AthenaTable | undefined,
  sourceRank: readonly string[],
): string {
  if (of === undefined || of.rows === null) return noRows(table);
  const { rows, overlapDays } = of;
  const all = namesOf(table);
  if (overlapDays.length === 0) return `SELECT ${all} FROM ${rows}`;
  const days = onDays(overlapDays);
  const substance = table === 'events' ? SUBSTANCE : [];
  const over = 'OVER (PARTITION BY akashi_same, akashi_day)';
  const differences = [
    `max("time") ${over} >= min("time") ${over} + INTERVAL '1' SECOND`,
    ...substance.map((name) => `min(lower(${name})) ${over} <> max(lower(${name})) ${over}`),
  ].map((difference) => `coalesce(${difference}, false)`);
  const differ = substance.length === 0 ? 'false' : differences.join(' OR ');
  const shown = TABLES[table].map(({ name }) =>
    name === 'conflict'
      ? `((akashi_same IS NOT NULL AND akashi_differ) OR coalesce(conflict, false)) AS conflict`
      : quoteName(name),
  );
  return `SELECT ${all} FROM ${rows} WHERE NOT coalesce(${days}, false)
    UNION ALL SELECT ${shown.join(', ')} FROM (
      SELECT *, row_number() OVER (PARTITION BY akashi_same, akashi_day ORDER BY ${placeAmongCopies(substance, sourceRank)}) AS akashi_place,
        ${differ} AS akashi_differ
      FROM (
        SELECT ${all}, coalesce(identity, source || '/' || uid) AS akashi_same,
          CAST("time" AT TIME ZONE 'UTC' AS date) AS akashi_day
        FROM (${everyCopy(table, of, ` WHERE ${days}`)})
      )
    ) WHERE akashi_same IS NULL OR akashi_differ OR akashi_place = 1`;
}

/** From best to worst, as ours are ranked. */
function placeAmongCopies(substance: readonly string[], sourceRank: readonly string[]): string {
  const cases = sourceRank.map((name, rank) => `WHEN ${quoteText(name)} THEN ${rank}`);
  const blanks = substance.map((name) => `IF(${name} IS NULL, 1, 0)`).join(' + ') || '0';
  return [
    cases.length === 0 ? '0' : `CASE source ${cases.join(' ')} ELSE ${sourceRank.length} END`,
    blanks,
    `CASE WHEN locator LIKE '%;rebuilt' THEN 3 WHEN locator LIKE '%;%' THEN 2 ELSE 1 END`,
    'evidence',
    'locator',
  ].join(', ');
}
