/** The columns by which the rows of each table's data files are sorted: ascending, nulls last, text by its UTF-8 bytes. */

import type { TableName } from '../schema/columns.ts';

/**
 * Events lie by who did them: a file is of one day at most, so times are told by its bounds, while an actor's events, with
 * their keys and addresses, stand in one of its row groups instead of in all, and what is alike compresses together.
 */
export const SORT_ORDERS: Readonly<Record<TableName, readonly string[]>> = {
  events: ['actor_id', 'operation', 'time', 'uid', 'evidence', 'locator'],
  flows: ['time', 'uid', 'evidence', 'locator'],
  evidence: ['sha256'],
  quarantine: ['evidence', 'locator'],
  custody: ['time', 'id'],
  coverage: [],
  coverage_facts: ['time', 'source', 'account', 'region', 'basis', 'series'],
  verdicts: ['evidence'],
};

/** The columns by which rows that are too many for one file are cut into several, each sorted by itself. */
export const cutColumns = (table: TableName): readonly string[] =>
  table === 'events' ? ['time', 'uid'] : SORT_ORDERS[table].slice(0, 2);
