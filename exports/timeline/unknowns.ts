/** What a timeline cannot tell, from the lake's own records: logging that was stopped, lost and unreadable records, disagreeing copies. */

import type { FollowResult } from './follow.ts';
import { proofWord, type RecordLine, type RecordRow, type Unknown } from './model.ts';
import { ask, numberOf, type TimelineBase, textOf } from './records.ts';
import { clockText, durationText, nameOf } from './words.ts';

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** Named in one sentence. */
const MOST_NAMED = 4;

export async function lakeUnknowns(
  base: TimelineBase,
  span: { readonly from: number; readonly to: number },
  records: readonly RecordLine[],
  { unmade, stopped }: Pick<FollowResult, 'unmade' | 'stopped'>,
): Promise<Unknown[]> {
  const [logging, lost, unreadable] = await Promise.all([
    loggingStops(base, span),
    lostFlows(base, span),
    unreadableRecords(base, span),
  ]);
  const unknowns: Unknown[] = [...logging, ...lost, ...unreadable];
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
  const named =
    unmade.slice(0, MOST_NAMED).join(', ') +
    (unmade.length > MOST_NAMED ? ` and ${unmade.length - MOST_NAMED} more` : '');
  say(false, unmade.length, `who made these credentials is not on record: ${named}`);
  say(false, Number(stopped), 'more could have been followed than the limits allow');
  return unknowns;
}

/** Logs that somebody stopped, in these hours, and when they were started again. */
async function loggingStops(base: TimelineBase, span: { from: number; to: number }): Promise<Unknown[]> {
  const rows = await ask(
    base,
    `SELECT epoch_us(time) AS micros, action, left(actor_name, 200) AS actor_name, left(actor_id, 400) AS actor_id,
      left(actor_on_behalf_of, 200) AS actor_on_behalf_of, left(coalesce(target_name, target_id), 200) AS target,
      coalesce(target_id, target_name) AS id
    FROM events WHERE time >= $since AND time < $until AND status IS DISTINCT FROM 'failure'
      AND regexp_matches(action, '^logging\\.(trail|flow_log|log|log_store|web_log|dns_query_log|subscription|event_hub)\\.(stop|start|delete|create)$')
    ORDER BY micros, source, uid LIMIT 200`,
    { since: new Date(span.from / 1000), until: new Date(span.to / 1000) },
  );
  return rows.flatMap((row, at): Unknown[] => {
    const action = textOf(row['action'])!;
    if (!/\.(stop|delete)$/.test(action)) return [];
    const again = rows
      .slice(at + 1)
      .find((later) => later['id'] === row['id'] && /\.(start|create)$/.test(textOf(later['action'])!));
    const since = numberOf(row['micros'])!;
    const until =
      again === undefined
        ? 'it was not started again in these hours'
        : `${nameOf(again)} started it again at ${clockText(numberOf(again['micros'])!)} (${durationText(numberOf(again['micros'])! - since)})`;
    return [
      {
        grave: true,
        text: `${nameOf(row)} ${action.endsWith('stop') ? 'stopped' : 'deleted'} the log ${targetText(row)} at ${clockText(since)}; ${until}. What only it records of that time was not recorded`,
      },
    ];
  });
}

const targetText = (row: RecordRow): string => textOf(row['target']) ?? '(unnamed)';

/** Flow records that the provider says it lost. */
async function lostFlows(base: TimelineBase, span: { from: number; to: number }): Promise<Unknown[]> {
  const rows = await ask(
    base,
    `SELECT source, account, count(*) AS records FROM flows
    WHERE time >= $since AND time < $until AND log_status = 'SKIPDATA' GROUP BY ALL ORDER BY ALL`,
    { since: new Date(span.from / 1000), until: new Date(span.to / 1000) },
  );
  return rows.map((row) => ({
    grave: true,
    text: `${textOf(row['source'])} lost flow records of ${textOf(row['account']) ?? 'an account'} and says so ${counted(Number(row['records']), 'time')} (SKIPDATA)`,
  }));
}

/** Records in bodies of these hours that could not be read. */
async function unreadableRecords(base: TimelineBase, span: { from: number; to: number }): Promise<Unknown[]> {
  const rows = await ask(
    base,
    `SELECT source, sum(unreadable) AS records FROM evidence
    WHERE unreadable > 0 AND (first_time IS NULL OR (first_time < $until AND last_time >= $since))
    GROUP BY ALL ORDER BY ALL`,
    { since: new Date(span.from / 1000), until: new Date(span.to / 1000) },
  );
  return rows.map((row) => ({
    grave: false,
    text: `${counted(Number(row['records']), 'record')} of ${textOf(row['source'])} delivered with these hours could not be read (table quarantine)`,
  }));
}
