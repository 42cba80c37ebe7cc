/**
 * Saved questions whose answers are few and each worth a look, counted together. Events are first counted by the few columns that
 * these questions look at, all of them with few values, so that their conditions are tried on thousands of rows and not on
 * millions.
 */

import { bindParameters, type Question, questionByName } from '../../../queries/question.ts';
import { TABLES } from '../../../schema/columns.ts';
import { AkashiError } from '../../../schema/error.ts';
import type { Ask } from '../context.ts';
import { type Origin, queryOrigin } from '../origin.ts';
import type { Period } from '../period.ts';
import { populationCondition } from '../populations.ts';
import type { WatchRow } from './data.ts';

/** In the order of the page; each lists events of a period one by one. */
export const WATCHED = [
  'root-use',
  'sign-ins-without-mfa',
  'mfa-changes',
  'key-changes',
  'role-grants',
  'trust-changes',
  'federation-changes',
  'audit-logs-stopped',
  'audit-scope-narrowed',
  'detection-disabled',
  'flow-logs-stopped',
  'doors-opened',
  'resources-shared',
  'secrets-reads',
  'data-exports',
  'key-deletion',
  'backups-deleted',
  'remote-commands',
] as const;

export const WATCH_ID = 'watch-list';

/** What their conditions may look at. */
export const CELL_COLUMNS: readonly string[] = [
  'action',
  'actor_type',
  'class',
  'cloud',
  'mfa',
  'read_only',
  'source',
  'status',
];

/** Counts of every question, for the period and for the time before, by the condition as it stands in the question. */
export function watchAsk(period: Period, before: Period): Ask {
  const parameters: Record<string, string | number | Date> = {
    before: before.from,
    since: period.from,
    until: period.to,
  };
  const counts = WATCHED.map((name, at) => {
    const { condition, values } = cellCondition(questionByName(name), period, `p${at}_`);
    Object.assign(parameters, values);
    return `coalesce(sum(events) filter (where ${condition}\n), 0) as q${at}`;
  });
  const columns = CELL_COLUMNS.join(', ');
  const sql = `with cells as materialized (
  select time >= $since as now, ${columns}, count(*) as events
  from events
  where time >= $before and time < $until
  group by time >= $since, ${columns}
)
select now, ${counts.join(',\n')}
from cells
group by now
order by now`;
  return { id: WATCH_ID, title: 'Questions of the watch list, counted together', sql, parameters };
}

/** One row a question; `cite` makes each question an origin of its own, which its count leads to. */
export function readWatch(
  rows: readonly Readonly<Record<string, unknown>>[],
  period: Period,
  cite: (origin: Origin) => Origin,
): WatchRow[] {
  const now = rows.find((row) => row['now'] === true);
  const earlier = rows.find((row) => row['now'] === false);
  return WATCHED.map((name, at) => {
    const question = questionByName(name);
    const origin = cite(
      queryOrigin(`from-${name}`, question.title, name, question.sql, bound(question, period)),
    );
    return {
      question: name,
      title: question.title,
      count: Number(now?.[`q${at}`] ?? 0),
      countBefore: Number(earlier?.[`q${at}`] ?? 0),
      origin: origin.id,
    };
  });
}

const bound = (question: Question, { from, to }: Period): Record<string, string | number | Date> =>
  bindParameters(
    question,
    new Map([
      ['since', from.toISOString()],
      ['until', to.toISOString()],
    ]),
  );

/** Columns of `events` that a condition names. */
export function columnsNamed(condition: string): string[] {
  const words = new Set(condition.replaceAll(/'(?:[^']|'')*'/g, "''").match(/\b[a-z_]+\b/g));
  return TABLES.events.map(({ name }) => name).filter((name) => words.has(name));
}

/** The condition with its parameters under names of their own. Throws REPORT_INVALID for one that looks at anything else. */
function cellCondition(
  question: Question,
  period: Period,
  prefix: string,
): { condition: string; values: Record<string, string | number | Date> } {
  const values: Record<string, string | number | Date> = {};
  let condition = populationCondition(question);
  const other = columnsNamed(condition).find((name) => !CELL_COLUMNS.includes(name));
  if (other !== undefined)
    throw new AkashiError(
      'REPORT_INVALID',
      `"${question.name}" looks at ${other}, which is not counted by; the watch list takes ${CELL_COLUMNS.join(', ')}.`,
    );
  for (const [name, value] of Object.entries(bound(question, period))) {
    if (name === 'since' || name === 'until') continue;
    condition = condition.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), `$${prefix}${name}`);
    values[`${prefix}${name}`] = value;
  }
  return { condition, values };
}
