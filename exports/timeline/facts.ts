/**
 * What the lake says around the lines of a timeline, in one statement: the bodies they came in, logging that was stopped,
 * records that were lost or could not be read, and who else shares an address or a name with them.
 */

import { sharedBy } from './leads.ts';
import type { RecordLine, RecordRow } from './model.ts';
import type { Body } from './proof-states.ts';
import { ask, numberOf, type TimelineBase, textOf } from './records.ts';

const IN_HOURS = 'time >= $since AND time < $until';

const FACTS = `
  SELECT 'body' AS topic, sha256 AS uid, source, size AS records, verdict AS target FROM evidence
  WHERE sha256 IN (SELECT unnest($shas))
  UNION ALL BY NAME
  SELECT 'logging' AS topic, source, epoch_us(time) AS micros, uid, action, left(actor_name, 200) AS actor_name,
    left(actor_id, 400) AS actor_id, left(actor_on_behalf_of, 200) AS actor_on_behalf_of,
    left(coalesce(target_name, target_id), 200) AS target, left(coalesce(target_id, target_name), 4000) AS id
  FROM events WHERE ${IN_HOURS} AND status IS DISTINCT FROM 'failure'
    AND regexp_matches(action, '^logging\\.(trail|flow_log|log|log_store|web_log|dns_query_log|subscription|event_hub)\\.(stop|start|delete|create)$')
  UNION ALL BY NAME
  SELECT 'lost' AS topic, source, coalesce(account, 'an account') AS target, count(*) AS records FROM flows
  WHERE ${IN_HOURS} AND log_status = 'SKIPDATA' GROUP BY ALL
  UNION ALL BY NAME
  SELECT 'unreadable' AS topic, source, sum(unreadable) AS records FROM evidence
  WHERE unreadable > 0 AND (first_time IS NULL OR (first_time < $until AND last_time >= $since)) GROUP BY ALL
  UNION ALL BY NAME
  SELECT * FROM (
    SELECT 'pair' AS topic, left(actor_name, 4096) AS actor_name, src_ip, count(*) AS records FROM events
    WHERE ${IN_HOURS} AND actor_name IS NOT NULL AND src_ip IS NOT NULL
      AND (src_ip IN (SELECT unnest($ips)) OR actor_name IN (SELECT unnest($names)))
    GROUP BY ALL ORDER BY records DESC, actor_name, src_ip LIMIT 500)`;

export interface LakeFacts {
  readonly bodies: readonly Body[];
  /** By what they are of. */
  of(topic: 'logging' | 'lost' | 'unreadable' | 'pair'): readonly RecordRow[];
}

/** `hours`: null where no line has a time. */
export async function lakeFacts(
  base: TimelineBase,
  hours: { readonly from: number; readonly to: number } | null,
  records: readonly RecordLine[],
): Promise<LakeFacts> {
  const shas = [...new Set(records.map(({ row }) => textOf(row['evidence'])))].filter((sha) => sha !== null);
  if (shas.length === 0 && hours === null) return { bodies: [], of: () => [] };
  const { from, to } = hours ?? { from: 0, to: 0 };
  const sql = `SELECT * FROM (${FACTS}) ORDER BY topic, micros, records DESC, source, uid, target, actor_name, src_ip`;
  const rows = await ask(base, sql, {
    since: new Date(from / 1000),
    until: new Date(to / 1000),
    shas,
    ...sharedBy(records),
  });
  const of = (topic: string) => rows.filter((row) => row['topic'] === topic);
  return {
    bodies: of('body').map((row) => ({
      source: textOf(row['source']) ?? '',
      sha256: textOf(row['uid']) ?? '',
      size: numberOf(row['records']) ?? 0,
      provider: textOf(row['target']),
    })),
    of,
  };
}
