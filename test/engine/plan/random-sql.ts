/** Random statements whose answer is the same however often they are asked: no LIMIT without a full order, no clock. */

import type { Random } from '../../../bench/random.ts';
import { ACTIONS, ACTORS, DAYS, FIRST_DAY, IPS } from './random-lake.ts';

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const one = <T>(r: Random, items: readonly T[]): T => items[r.below(items.length)]!;
const instant = (r: Random) =>
  new Date((FIRST_DAY + Math.floor((r.next() * (DAYS + 2) - 1) * 86_400e6)) / 1000).toISOString();

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  src_ip: [...IPS, '203.0.113.9', '192.0.2'],
  actor_id: ACTORS,
  target_id: ACTORS,
  action: [...ACTIONS, 'accept', 'reject', 'zz'],
  source: ['aws.cloudtrail', 'azure.activity', 'aws.vpcflow', 'nothing'],
  status: ['success', 'failure'],
  error_code: ['AccessDenied', 'access'],
  dst_ip: IPS,
  uid: ['e1-3', 'e2-7', 'f3-5', 'none'],
};
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  class_uid: [6003, 3002, 0],
  src_port: [443, 22, 80],
  count: [1, 30, 4_000_000_000],
  dst_port: [443, 22, 0],
  bytes: [0, 500, 99_000],
  protocol: [6, 17],
};
const COLUMNS = {
  events: [
    'src_ip',
    'actor_id',
    'target_id',
    'action',
    'source',
    'status',
    'error_code',
    'uid',
    'class_uid',
    'src_port',
    'count',
  ],
  flows: ['src_ip', 'dst_ip', 'action', 'source', 'uid', 'dst_port', 'bytes', 'protocol'],
  timeline: ['src_ip', 'action', 'source', 'uid'],
  events_all: ['src_ip', 'actor_id', 'action', 'uid'],
} as const;
type View = keyof typeof COLUMNS;
const SIGNS = ['=', '=', '<>', '<', '<=', '>', '>='];

function predicate(r: Random, view: View, as = '', depth = 0): string {
  const roll = r.next();
  if (depth < 3 && roll < 0.3) {
    const word = r.next() < 0.5 ? 'AND' : 'OR';
    return `(${predicate(r, view, as, depth + 1)} ${word} ${predicate(r, view, as, depth + 1)})`;
  }
  if (depth < 3 && roll < 0.36) return `NOT ${predicate(r, view, as, depth + 1)}`;
  if (roll < 0.55) return timePredicate(r, `${as}time`);
  const name = one(r, COLUMNS[view]);
  const column = as + name;
  const kind = r.next();
  if (kind < 0.08) return `${column} IS ${r.next() < 0.5 ? '' : 'NOT '}NULL`;
  const value = () => (name in TEXTS ? quoted(one(r, TEXTS[name]!)) : String(one(r, NUMBERS[name]!)));
  if (kind < 0.25) return `${column} IN (${Array.from({ length: 1 + r.below(6) }, value).join(', ')})`;
  if (kind < 0.32) return `${column} BETWEEN ${value()} AND ${value()}`;
  if (name in TEXTS && kind < 0.4) return `${column} LIKE ${quoted(`${one(r, TEXTS[name]!).slice(0, 4)}%`)}`;
  if (name in TEXTS && kind < 0.45) return `lower(${column}) = lower(${value()})`;
  if (kind < 0.48) return `coalesce(${column} = ${value()}, true)`;
  if (kind < 0.51) return `${column} IS NOT DISTINCT FROM ${value()}`;
  if (view === 'events' && kind < 0.54) return `${as}read_only`;
  if (view === 'events' && kind < 0.57) return `list_contains(${as}targets, ${quoted(one(r, ACTORS))})`;
  if (view === 'events' && kind < 0.59) return `${as}conflict`;
  if (view === 'events' && kind < 0.61) return `${as}targets IS ${r.next() < 0.5 ? '' : 'NOT '}NULL`;
  if (kind < 0.7) return `${value()} ${one(r, SIGNS)} ${column}`;
  return `${column} ${one(r, SIGNS)} ${value()}`;
}

function timePredicate(r: Random, column: string): string {
  const roll = r.next();
  if (roll < 0.3) return `${column} BETWEEN '${instant(r)}' AND '${instant(r)}'`;
  if (roll < 0.4) return `date_trunc('day', ${column}) = '${instant(r).slice(0, 10)}'`;
  if (roll < 0.5) return `${column}::DATE >= '${instant(r).slice(0, 10)}'`;
  if (roll < 0.6) return `(${column} >= '${instant(r)}' AND ${column} < '${instant(r)}')`;
  if (roll < 0.65) return `${column} + INTERVAL 1 DAY > '${instant(r)}'`;
  if (roll < 0.7) return `${column} IS ${r.next() < 0.5 ? '' : 'NOT '}NULL`;
  return `${column} ${one(r, ['<', '<=', '>', '>='])} '${instant(r)}'`;
}

const where = (r: Random, view: View, as = '') => (r.next() < 0.9 ? ` WHERE ${predicate(r, view, as)}` : '');
const view = (r: Random): View => r.skewed(['events', 'flows', 'timeline', 'events_all'] as const);
const projected = (r: Random, from: View): string => {
  const names = COLUMNS[from].filter(() => r.next() < 0.4);
  return [...new Set(['uid', ...names])].join(', ');
};
/** An order that leaves nothing open. */
const ORDER = 'time DESC NULLS LAST, uid, evidence, locator';

/** Kinds of statements, each as likely as the others. */
const KINDS: readonly ((r: Random) => string)[] = [
  (r) => {
    const from = view(r);
    return `SELECT ${projected(r, from)} FROM ${from}${where(r, from)}`;
  },
  (r) => {
    const from = view(r);
    return `SELECT * FROM ${from}${where(r, from)} ORDER BY ${ORDER} LIMIT ${1 + r.below(9)}`;
  },
  (r) => {
    const from = view(r);
    return `SELECT ${one(r, COLUMNS[from])} AS k, count(*), min(time), max(uid) FROM ${from}${where(r, from)} GROUP BY 1`;
  },
  (r) => {
    const from = view(r);
    return `SELECT count(*), count(DISTINCT ${one(r, COLUMNS[from])}) FROM ${from}${where(r, from)}`;
  },
  (r) =>
    `SELECT e.uid, f.uid, f.bytes FROM events e ${one(r, ['JOIN', 'LEFT JOIN', 'FULL JOIN'])} flows f ON e.src_ip = f.src_ip ` +
    `AND ${predicate(r, 'flows', 'f.', 2)} WHERE ${predicate(r, 'events', 'e.', 1)}`,
  (r) =>
    `SELECT e.uid FROM events e ${one(r, ['SEMI', 'ANTI'])} JOIN flows f ON e.src_ip = f.dst_ip AND ${predicate(r, 'flows', 'f.', 2)}`,
  (r) =>
    `SELECT uid, action FROM events e WHERE ${one(r, ['', 'NOT '])}EXISTS (SELECT 1 FROM flows f WHERE f.src_ip = e.src_ip ` +
    `AND ${predicate(r, 'flows', 'f.', 2)}) AND ${predicate(r, 'events', 'e.', 2)}`,
  (r) =>
    `SELECT uid FROM flows WHERE src_ip IN (SELECT src_ip FROM events${where(r, 'events')}) AND ${predicate(r, 'flows', '', 2)}`,
  (r) =>
    `WITH a AS ${one(r, ['', 'MATERIALIZED '])}(SELECT * FROM events${where(r, 'events')}), b AS (SELECT * FROM a WHERE ${predicate(r, 'events', '', 2)}) ` +
    `SELECT a.uid, b.action FROM a JOIN b USING (uid) WHERE ${predicate(r, 'events', 'a.', 2)}`,
  (r) =>
    `SELECT uid, time FROM events${where(r, 'events')} ${one(r, ['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} ` +
    `SELECT uid, time FROM ${one(r, ['events', 'events_all'])}${where(r, 'events_all')}`,
  (r) =>
    `SELECT uid, n FROM (SELECT uid, src_ip, action, row_number() OVER (PARTITION BY actor_id ORDER BY ${ORDER}) AS n FROM events${where(r, 'events')}) ` +
    `WHERE n <= 2 AND src_ip ${one(r, SIGNS)} ${quoted(one(r, IPS))}`,
  (r) =>
    `SELECT uid, (SELECT count(*) FROM flows f WHERE f.src_ip = e.src_ip AND ${predicate(r, 'flows', 'f.', 2)}) AS n ` +
    `FROM events e${where(r, 'events', 'e.')}`,
  (r) =>
    `SELECT a.uid, b.uid FROM events a JOIN events b ON a.actor_id = b.actor_id AND a.uid < b.uid ` +
    `WHERE ${predicate(r, 'events', 'a.', 1)} AND ${predicate(r, 'events', 'b.', 1)}`,
  (r) =>
    `SELECT min(time), max(time), min(uid), max(src_ip), count(*) FROM ${one(r, ['events', 'flows'])}${where(r, 'timeline')}`,
  (r) =>
    `SELECT * FROM (SELECT * FROM timeline${where(r, 'timeline')} ORDER BY ${ORDER} LIMIT 20) WHERE ${predicate(r, 'timeline', '', 2)}`,
  (r) =>
    `SELECT json_extract_string(raw, '$.text') AS t, targets FROM events${where(r, 'events')} ORDER BY ${ORDER} LIMIT 5`,
  (r) =>
    `SELECT coalesce(e.action, f.action), sum(f.bytes), count(*) FILTER (WHERE ${predicate(r, 'events', 'e.', 2)}) ` +
    `FROM events e, flows f WHERE e.src_ip = f.dst_ip AND ${predicate(r, 'flows', 'f.', 1)} GROUP BY 1 HAVING count(*) > 1`,
];

export const randomStatement = (r: Random): string => one(r, KINDS)(r);

/** Published views that a statement of ours names. */
export const viewsIn = (sql: string): readonly string[] =>
  (Object.keys(COLUMNS) as View[]).filter((name) => new RegExp(`\\b${name}\\b`).test(sql));
