/** The evidence table with the newest verdict of the provider's own proof on each body. */

import type { Snapshot } from '../snapshot.ts';
import { type StoredColumns, storedRelation } from './relation.ts';

/** Judgements are rows of their own: no row of evidence is ever altered. */
export function evidenceRelation(snapshot: Snapshot, stored: StoredColumns): string {
  const rows = storedRelation('evidence', snapshot.tables.evidence.files, stored);
  if (snapshot.tables.verdicts.files.length === 0) return rows;
  return `SELECT e.* REPLACE (coalesce(v.verdict, e.verdict) AS verdict, coalesce(v.judged_at, e.verdict_at) AS verdict_at)
    FROM (${rows}) AS e LEFT JOIN (
      SELECT evidence, arg_max(verdict, judged_at) AS verdict, max(judged_at) AS judged_at FROM verdicts GROUP BY evidence
    ) AS v ON v.evidence = e.sha256`;
}
