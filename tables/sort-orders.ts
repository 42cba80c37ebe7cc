/** The columns by which the rows of each table's data files are sorted: ascending, nulls last, text by its UTF-8 bytes. */

import type { TableName } from '../schema/columns.ts';

export const SORT_ORDERS: Readonly<Record<TableName, readonly string[]>> = {
  events: ['time', 'uid', 'evidence', 'locator'],
  flows: ['time', 'uid', 'evidence', 'locator'],
  evidence: ['sha256'],
  quarantine: ['evidence', 'locator'],
  custody: ['time', 'id'],
  coverage: [],
  coverage_facts: ['time', 'source', 'account', 'region', 'basis', 'series'],
  verdicts: ['evidence'],
};
