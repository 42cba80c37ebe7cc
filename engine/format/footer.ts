/** The line under an answer. */

import type { QuerySummary } from '../query.ts';

const REASON = {
  rows: 'there are more; raise the row limit or ask for less',
  bytes: 'there are more; the answer reached its size limit: ask for fewer rows or columns, or raise it',
} as const;

/** `3 rows in 0.41 s`, and plainly when there are more than these. */
export function footer({ rowCount, truncated, seconds }: QuerySummary): string {
  const rows = rowCount === 1 ? '1 row' : `${rowCount.toLocaleString('en-US')} rows`;
  const line = `${rows} in ${seconds.toFixed(2)} s`;
  return truncated === null ? line : `only the first ${line}: ${REASON[truncated]}`;
}
