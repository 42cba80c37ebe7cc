/**
 * One row per event, however often it was delivered, with every copy that disagrees left in sight.
 *
 * Copies share an `identity`; where none is stored, source and `uid`. Those that agree in substance collapse to the best one; those that differ all stay, with
 * `conflict` set, so that nobody can hide a real event behind a forged one that reuses its id. Which copies agree is
 * settled over a few narrow columns, and only for files that may hold copies, so that filters of the query still reach
 * the Parquet reader and wide columns are read only for rows that are shown.
 */

import type { TableName } from '../../schema/columns.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { quoteText } from '../sql-text.ts';
import {
  columnExpressions,
  readParquet,
  type StoredColumns,
  selectList,
  storedRelation,
} from './relation.ts';

/** Texts in which copies of an event must agree. Letter case does not count, and null agrees with anything. */
const SUBSTANCE = [
  'operation',
  'account',
  'actor_id',
  'src_ip',
  'status',
  'error_code',
  'target_id',
] as const;

/** Sources round the same instant differently, by less than this many microseconds. */
const SAME_INSTANT_MICROS = 1_000_000;

/** Flow identities are made from content, so their copies cannot disagree and have no `conflict` column. */
type Deduplicated = Extract<TableName, 'events' | 'flows'>;

/**
 * Rows of `files` without repeated events.
 *
 * @param sourceRank Sources from best to worst; one not listed comes last. Between copies of equal rank the one that
 *   says more of the substance wins (so that a copy with blanks cannot stand in for a full one), then the one whose raw
 *   text is exact, then the smaller evidence hash, then the smaller locator: the same choice in any order of arrival.
 */
export function deduplicatedRelation(
  table: Deduplicated,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
  sourceRank: readonly string[],
): string {
  const alone = files.filter(({ overlaps }) => !overlaps);
  const overlapping = files.filter(({ overlaps }) => overlaps);
  if (overlapping.length === 0 || !stored.has('uid')) return storedRelation(table, files, stored);
  const best = bestCopies(table, overlapping, stored, sourceRank);
  return alone.length === 0 ? best : `${storedRelation(table, alone, stored)} UNION ALL ${best}`;
}

function bestCopies(
  table: Deduplicated,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
  sourceRank: readonly string[],
): string {
  const columns = new Map(columnExpressions(table, stored, 'copy.'));
  if (table === 'events')
    columns.set('conflict', `coalesce(verdict.conflict, ${columns.get('conflict')}, false)`);
  return `SELECT ${selectList(columns)}
    FROM ${readParquet(files)} AS copy
    LEFT JOIN (${verdicts(table, files, stored, sourceRank)}) AS verdict
      ON ${identity(table, stored, 'copy.')} = verdict.identity
    WHERE verdict.identity IS NULL OR verdict.conflict
       OR (copy.filename = verdict.best.f AND copy.file_row_number = verdict.best.r)`;
}

/** One row per identity that occurs more than once: whether its copies conflict, and which is best. */
function verdicts(
  table: Deduplicated,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
  sourceRank: readonly string[],
): string {
  const from = readParquet(files);
  const column = columnExpressions(table, stored);
  const substance = table === 'events' ? SUBSTANCE.map((name) => column.get(name)!) : [];
  const time = column.get('time')!;
  const differences = substance.map((text) => `min(lower(${text})) <> max(lower(${text}))`);
  if (table === 'events') {
    differences.unshift(`epoch_us(max(${time})) - epoch_us(min(${time})) >= ${SAME_INSTANT_MICROS}`);
  }
  const blanks = substance.map((text) => `(${text} IS NULL)::INTEGER`).join(' + ');
  const order = [
    rankExpression(column.get('source')!, sourceRank),
    blanks || '0',
    // The record's own bytes before a decoded copy, a decoded one before a rebuilt one.
    `coalesce((${column.get('locator')} LIKE '%;rebuilt')::INTEGER * 2 + (${column.get('locator')} LIKE '%;%')::INTEGER, 3)`,
    `coalesce(${column.get('evidence')}, '')`,
    `coalesce(${column.get('locator')}, '')`,
    'filename',
    'file_row_number',
  ];
  const conflict = differences.map((difference) => `coalesce(${difference}, false)`).join(' OR ') || 'false';
  const same = identity(table, stored);
  return `SELECT ${same} AS identity, ${conflict} AS conflict,
      arg_min({'f': filename, 'r': file_row_number}, row(${order.join(', ')})) AS best
    FROM ${from}
    WHERE ${same} IN (SELECT ${same} FROM ${from} GROUP BY 1 HAVING count(*) > 1)
    GROUP BY 1`;
}

/** What copies of an event share: the identity, or where none is stored their source and uid. */
function identity(table: Deduplicated, stored: StoredColumns, prefix = ''): string {
  const column = columnExpressions(table, stored, prefix);
  return `coalesce(${column.get('identity')}, concat_ws('/', ${column.get('source')}, ${column.get('uid')}))`;
}

function rankExpression(source: string, sourceRank: readonly string[]): string {
  if (sourceRank.length === 0) return '0';
  const cases = sourceRank.map((name, rank) => `WHEN ${quoteText(name)} THEN ${rank}`);
  return `CASE ${source} ${cases.join(' ')} ELSE ${sourceRank.length} END`;
}
