/** What a timeline cannot tell, from the lake's own records: logging that was stopped, lost and unreadable records, disagreeing copies. */

import type { FollowResult } from './follow.ts';
import { proofWord, type RecordLine, type RecordRow, type Unknown } from './model.ts';
import { ask, numberOf, type TimelineBase, textOf } from './records.ts';
import { clockText, durationText, nameOf } from './words.ts';

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** Named in one sentence. */
const MOST_NAMED = 4;

/** What can be told from the lines. */
export function recordUnknowns(
  records: readonly RecordLine[],
  { unmade, stopped }: Pick<FollowResult, 'unmade' | 'stopped'>,
): Unknown[] {
  const unknowns: Unknown[] = [];
  const say = (grave: boolean, count: number, text: string) => {
    if (count > 0) unknowns.push({ grave, text });
  };
  const broken = records.filter(({ proof }) => proofWord(proof) === 'broken').length;
  say(
    true,
    broken,
    `${counted(broken, 'line')} cannot be proven: \`akashi verify --deep\` names what is wrong`,
  );
  const conflicts = records.filter(({ row }) => row['conflict'] === true).length;
  say(
    true,
    conflicts,
    `${counted(conflicts, 'line')} are copies that disagree with another of the same event; all of them are shown`,
  );
  const undated = records.filter(({ time }) => time === null).length;
  say(false, undated, `${counted(undated, 'line')} without a time of their own stand at the end`);
  const more = unmade.length > MOST_NAMED ? ` and ${unmade.length - MOST_NAMED} more` : '';
  const named = unmade.slice(0, MOST_NAMED).join(', ') + more;
  say(false, unmade.length, `who made these credentials is not on record: ${named}`);
  say(false, Number(stopped), 'more could have been followed than the limits allow');
  return unknowns;
}

/** Rows of one statement: each topic is a query of its own, and a query is a process of its own. */
const FACTS = `SELECT 'logging' AS topic, source, epoch_us(time) AS micros, uid, action, left(actor_name, 200) AS actor_name,
    left(actor_id, 400) AS actor_id, left(actor_on_behalf_of, 200) AS actor_on_behalf_of,
    left(coalesce(target_name, target_id), 200) AS target, left(coalesce(target_id, target_name), 4000) AS id, 1 AS records
  FROM events WHERE time >= $since AND time < $until AND status IS DISTINCT FROM 'failure'
    AND regexp_matches(action, '^logging\\.(trail|flow_log|log|log_store|web_log|dns_query_log|subscription|event_hub)\\.(stop|start|delete|create)$')
  UNION ALL BY NAME
  SELECT 'lost' AS topic, source, coalesce(account, 'an account') AS target, count(*) AS records FROM flows
  WHERE time >= $since AND time < $until AND log_status = 'SKIPDATA' GROUP BY ALL
  UNION ALL BY NAME
  SELECT 'unreadable' AS topic, source, sum(unreadable) AS records FROM evidence
  WHERE unreadable > 0 AND (first_time IS NULL OR (first_time < $until AND last_time >= $since)) GROUP BY ALL`;

/** What can be told from the lake, of these hours, whoever acted. */
export async function lakeUnknowns(
  base: TimelineBase,
  span: { readonly from: number; readonly to: number },
): Promise<Unknown[]> {
  const rows = await ask(
    base,
    `SELECT * FROM (${FACTS}) ORDER BY topic, micros, source, uid, target LIMIT 400`,
    {
      since: new Date(span.from / 1000),
      until: new Date(span.to / 1000),
    },
  );
  const of = (topic: string) => rows.filter((row) => row['topic'] === topic);
  return [
    ...loggingStops(of('logging')),
    ...of('lost').map((row) => ({
      grave: true,
      text: `${textOf(row['source'])} lost flow records of ${targetText(row)} and says so ${counted(Number(row['records']), 'time')} (SKIPDATA)`,
    })),
    ...of('unreadable').map((row) => ({
      grave: false,
      text: `${counted(Number(row['records']), 'record')} of ${textOf(row['source'])} delivered with these hours could not be read (table quarantine)`,
    })),
  ];
}

/** Logs that somebody stopped, and when they were started again. */
function loggingStops(rows: readonly RecordRow[]): Unknown[] {
  return rows.flatMap((row, at): Unknown[] => {
    const action = textOf(row['action'])!;
    if (!/\.(stop|delete)$/.test(action)) return [];
    const again = rows
      .slice(at + 1)
      .find((later) => later['id'] === row['id'] && /\.(start|create)$/.test(textOf(later['action'])!));
    const since = numberOf(row['micros'])!;
    const until =
      again === undefined
        ? 'not started again in these hours'
        : `started again ${clockText(numberOf(again['micros'])!)} by ${nameOf(again)}: ${durationText(numberOf(again['micros'])! - since)} without it`;
    const done = action.endsWith('stop') ? 'stopped' : 'deleted';
    return [
      { grave: true, text: `log ${targetText(row)} ${done} ${clockText(since)} by ${nameOf(row)}, ${until}` },
    ];
  });
}

const targetText = (row: RecordRow): string => textOf(row['target']) ?? '(unnamed)';
