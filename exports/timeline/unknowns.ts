/** What a timeline cannot tell, from the lake's own records: logging that was stopped, lost and unreadable records, disagreeing copies. */

import type { LakeFacts } from './facts.ts';
import type { FollowResult } from './follow.ts';
import { proofWord, type RecordLine, type RecordRow, type Unknown } from './model.ts';
import { numberOf, textOf } from './records.ts';
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

/** What can be told from the lake, of these hours, whoever acted. */
export function lakeUnknowns({ of }: LakeFacts): Unknown[] {
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
