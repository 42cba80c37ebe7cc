/** Records of a timeline as queries answer them: the columns that are read, cut to what a page can hold. */

import type { Parameters } from '../../engine/parameters.ts';
import { type QueryRequest, runQuery } from '../../engine/query.ts';
import type { Cell } from '../../engine/result.ts';
import type { RecordRow } from './model.ts';
import { type Condition, MAKERS, parametersOf, within } from './selection.ts';

/** The lake at one head, and what queries may take. */
export type TimelineBase = Pick<
  QueryRequest,
  'snapshot' | 'views' | 'limits' | 'signal' | 'sandboxes' | 'parser'
>;

/** Longest text of a column; longer ones end in `…`. */
export const LONGEST_TEXT = 4_096;
/** Of the record itself; `raw_length` tells how long it is. */
export const LONGEST_RAW = 65_536;

const EVENT_TEXTS = [
  'uid',
  'source',
  'cloud',
  'class',
  'action',
  'operation',
  'service',
  'status',
  'error_code',
  'error_message',
  'account',
  'region',
  'actor_type',
  'actor_name',
  'actor_id',
  'actor_credential',
  'actor_session',
  'actor_issuer',
  'actor_on_behalf_of',
  'src_ip',
  'src_host',
  'user_agent',
  'dst_ip',
  'dst_host',
  'command',
  'target_type',
  'target_id',
  'target_name',
  'evidence',
  'locator',
] as const;
const EVENT_VALUES = ['time', 'end_time', 'read_only', 'count', 'mfa', 'src_port', 'conflict'] as const;

const FLOW_TEXTS = [
  'uid',
  'source',
  'cloud',
  'account',
  'region',
  'vpc',
  'subnet',
  'interface',
  'instance',
  'direction',
  'src_ip',
  'dst_ip',
  'action',
  'log_status',
  'pkt_src_ip',
  'pkt_dst_ip',
  'evidence',
  'locator',
] as const;
const FLOW_VALUES = ['time', 'end_time', 'src_port', 'dst_port', 'protocol', 'packets', 'bytes'] as const;

const cutText = (name: string, longest: number): string =>
  `CASE WHEN length(${name}) > ${longest} THEN left(${name}, ${longest}) || '…' ELSE ${name} END AS ${name}`;

const columnsOf = (texts: readonly string[], values: readonly string[]): readonly string[] => [
  ...values,
  'epoch_us(time) AS micros',
  ...texts.map((name) => cutText(name, LONGEST_TEXT)),
  `left(raw, ${LONGEST_RAW}) AS raw`,
  'length(raw) AS raw_length',
];

/** What makers said and gave back holds the ids of what they made. */
const MADE = ['request', 'response'].map(
  (name) =>
    `CASE WHEN regexp_matches(action, '${MAKERS}') THEN left(${name}, ${LONGEST_RAW}) END AS made_${name}`,
);

const COLUMNS = {
  events: [...columnsOf(EVENT_TEXTS, EVENT_VALUES), ...MADE].join(', '),
  flows: columnsOf(FLOW_TEXTS, FLOW_VALUES).join(', '),
} as const;

/** The order of a timeline, as far as one table goes; it is total. */
const ORDER = 'micros NULLS LAST, source, uid, evidence, locator';

/**
 * Rows of a table that fit a condition, the first `most` of them in the order of time; one more than that when there
 * are more. Records without a time are of every span.
 */
export async function recordsOf(
  base: TimelineBase,
  table: 'events' | 'flows',
  wanted: Condition,
  span: { readonly from: number | null; readonly to: number | null },
  most: number,
): Promise<RecordRow[]> {
  const time = within(span);
  const columns = `${COLUMNS[table]}, ${wanted.fits ?? 'NULL'} AS fits`;
  const select = (when: string) => `SELECT ${columns} FROM ${table} WHERE (${when}) AND (${wanted.sql})`;
  const dated = select(time.sql);
  // Apart, so that the bounds stay conditions that files can be passed over by.
  const sql = time.sql === 'true' ? dated : `${dated} UNION ALL ${select('time IS NULL')}`;
  return ask(base, `SELECT * FROM (${sql}) ORDER BY ${ORDER} LIMIT ${most + 1}`, parametersOf(wanted, time));
}

/** How many rows fit. */
export async function countOf(
  base: TimelineBase,
  table: 'events' | 'flows',
  wanted: Condition,
  span: { readonly from: number | null; readonly to: number | null },
): Promise<number> {
  const time = within(span);
  const when = time.sql === 'true' ? 'true' : `(${time.sql} OR time IS NULL)`;
  const [row] = await ask(
    base,
    `SELECT count(*) AS found FROM ${table} WHERE ${when} AND (${wanted.sql})`,
    parametersOf(wanted, time),
  );
  return Number(row?.['found'] ?? 0);
}

/** All rows of an answer as objects. Throws as `runQuery` does. */
export async function ask(
  base: TimelineBase,
  sql: string,
  parameters: Parameters = {},
): Promise<RecordRow[]> {
  const answer = await runQuery({ ...base, sql, parameters });
  const names = answer.columns.map(({ name }) => name);
  const rows: RecordRow[] = [];
  for await (const batch of answer)
    for (const cells of batch)
      rows.push(
        Object.fromEntries(names.map((name, at) => [name, cells[at] ?? null])) as Record<string, Cell>,
      );
  return rows;
}

export const textOf = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null);

/** A number, also where a large one came as text; null where there is none. */
export const numberOf = (cell: Cell | undefined): number | null =>
  cell === null || cell === undefined || cell === '' || !Number.isFinite(Number(cell)) ? null : Number(cell);

/** What tells one record from every other. */
export const recordKey = (kind: 'event' | 'flow', row: RecordRow): string =>
  JSON.stringify([kind, row['source'], row['evidence'], row['locator'], row['uid']]);
