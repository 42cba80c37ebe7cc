/** Records of a timeline as queries answer them: the columns that are read, cut to what a page can hold. */

import type { Parameters } from '../../engine/parameters.ts';
import { type QueryRequest, runQuery } from '../../engine/query.ts';
import type { Cell } from '../../engine/result.ts';
import { AkashiError } from '../../schema/error.ts';
import type { RecordRow, Span } from './model.ts';
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
const ORDER = 'micros NULLS LAST, kind, source, uid, evidence, locator';

const TABLES = { event: 'events', flow: 'flows' } as const;

/** What is wanted of each table; null where it has none of it. */
export type Wanted = Readonly<Partial<Record<keyof typeof TABLES, Condition | null>>>;

/** One statement over both tables, since every statement is a process of its own. */
function fromBoth(
  wanted: Wanted,
  span: Span,
  columns: (kind: keyof typeof TABLES, condition: Condition) => string,
): { sql: string; parameters: Parameters } {
  const time = within(span);
  const parts = (Object.keys(TABLES) as (keyof typeof TABLES)[]).flatMap((kind) => {
    const condition = wanted[kind];
    if (condition === null || condition === undefined) return [];
    const select = (when: string) =>
      `SELECT '${kind}' AS kind, ${columns(kind, condition)} FROM ${TABLES[kind]} WHERE (${when}) AND (${condition.sql})`;
    // Apart, so that the bounds stay conditions that files can be passed over by.
    return time.sql === 'true' ? [select('true')] : [select(time.sql), select('time IS NULL')];
  });
  const given = Object.values(wanted).filter((condition) => condition !== null);
  return { sql: parts.join(' UNION ALL BY NAME '), parameters: parametersOf(...given, time) };
}

/**
 * Rows that fit, the first `most` of them in the order of time; one more than that when there are more. Records without
 * a time are of every span. Their column `kind` says which table they are of.
 */
export async function recordsOf(
  base: TimelineBase,
  wanted: Wanted,
  span: Span,
  most: number,
): Promise<RecordRow[]> {
  const { sql, parameters } = fromBoth(
    wanted,
    span,
    (kind, { fits }) => `${COLUMNS[TABLES[kind]]}, ${fits ?? 'CAST(NULL AS VARCHAR[])'} AS fits`,
  );
  if (sql === '') return [];
  return ask(base, `SELECT * FROM (${sql}) ORDER BY ${ORDER} LIMIT ${most + 1}`, parameters);
}

/** How many rows fit. */
export async function countOf(base: TimelineBase, wanted: Wanted, span: Span): Promise<number> {
  const { sql, parameters } = fromBoth(wanted, span, () => '1 AS one');
  const [row] = sql === '' ? [] : await ask(base, `SELECT count(*) AS found FROM (${sql})`, parameters);
  return Number(row?.['found'] ?? 0);
}

/** All rows of an answer as objects. Throws as `runQuery` does, and TIMELINE_TOO_LARGE rather than give fewer rows. */
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
  if ((await answer.summary).truncated !== null)
    throw new AkashiError(
      'TIMELINE_TOO_LARGE',
      'the records are larger than one answer may be. Name a shorter time (--since, --until), or fewer lines (--max-lines).',
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
