/** Asks what a monthly report needs, both times in one scan wherever a question compares them. */

import type { Cell } from '../../../engine/result.ts';
import type { Answer, Ask, ReportContext } from '../context.ts';
import { commandOrigin } from '../origin.ts';
import { periodBefore } from '../period.ts';
import type { MonthlyData } from './data.ts';
import { readWatch, WATCH_ID, watchAsk } from './watch-list.ts';

/** How many actors and failures are shown. */
export const MOST_NAMED = 15;

type Row = Readonly<Record<string, Cell>>;

const number = (row: Row, name: string): number => {
  const value = Number(row[name] ?? 0);
  return Number.isFinite(value) ? value : 0;
};
const text = (row: Row, name: string, empty: string): string => {
  const value = row[name];
  return value === null || value === undefined || value === '' ? empty : String(value);
};

export async function gatherMonthly(context: ReportContext): Promise<MonthlyData> {
  const { period, state } = context;
  const before = periodBefore(period);
  const compared = { before: before.from.toISOString() };
  const both = { since: before.from.toISOString(), until: period.to.toISOString() };
  const asks: readonly Ask[] = [
    { id: 'activity-by-day', question: 'activity-by-day', parameters: both },
    {
      id: 'busiest-actors',
      question: 'busiest-actors',
      parameters: { ...compared, most: String(MOST_NAMED) },
    },
    {
      id: 'commonest-failures',
      question: 'commonest-failures',
      parameters: { ...compared, most: String(MOST_NAMED) },
    },
    { id: 'changes-by-domain', question: 'changes-by-domain', parameters: compared },
    watchAsk(period, before),
    { id: 'traffic-by-day', question: 'traffic-by-day', parameters: both },
    { id: 'bulk-transfers', question: 'bulk-transfers' },
    {
      id: 'bulk-transfers-before',
      title: 'Large transfers by source address, in the time before',
      question: 'bulk-transfers',
      parameters: { since: before.from.toISOString(), until: before.to.toISOString() },
      countOnly: true,
    },
    { id: 'archive-size', question: 'archive-size' },
    { id: 'growth-by-day', question: 'growth-by-day', parameters: both },
  ];
  const answers = await context.ask(asks);
  const answer = (id: string): Answer => answers.get(id)!;
  const actors = answer('busiest-actors');
  const transfers = answer('bulk-transfers');
  const [coverage, coverageBefore] = [await context.coverage(period), await context.coverage(before)];
  const covered = (id: string, title: string, { from, to }: typeof period) =>
    context.cite(
      commandOrigin(id, title, `akashi coverage --since ${from.toISOString()} --until ${to.toISOString()}`),
    ).id;
  return {
    period,
    before,
    instant: state.instant,
    activity: answer('activity-by-day').rows.map((row) => ({
      day: text(row, 'day', ''),
      source: text(row, 'source', 'unknown'),
      events: number(row, 'events'),
      failures: number(row, 'failures'),
      changes: number(row, 'changes'),
      signIns: number(row, 'sign_ins'),
      failedSignIns: number(row, 'failed_sign_ins'),
    })),
    actors: actors.rows.map((row) => ({
      name: text(row, 'actor_name', 'nobody named'),
      type: text(row, 'actor_type', 'unknown'),
      events: number(row, 'events'),
      changes: number(row, 'changes'),
      failures: number(row, 'failures'),
      eventsBefore: number(row, 'events_before'),
    })),
    // Every row says them; without a row there was nobody.
    actorCounts: {
      actors: number(actors.rows[0] ?? {}, 'actors'),
      actorsBefore: number(actors.rows[0] ?? {}, 'actors_before'),
      newcomers: number(actors.rows[0] ?? {}, 'newcomers'),
    },
    failures: answer('commonest-failures').rows.map((row) => ({
      action: text(row, 'action', 'not said'),
      errorCode: text(row, 'error_code', 'not said'),
      source: text(row, 'source', 'unknown'),
      failures: number(row, 'failures'),
      actors: number(row, 'actors'),
      failuresBefore: number(row, 'failures_before'),
    })),
    domains: answer('changes-by-domain').rows.map((row) => ({
      domain: text(row, 'domain', 'not said'),
      changes: number(row, 'changes'),
      failures: number(row, 'failures'),
      actors: number(row, 'actors'),
      changesBefore: number(row, 'changes_before'),
    })),
    watch: readWatch(answer(WATCH_ID).rows, period, context.cite),
    traffic: answer('traffic-by-day').rows.map((row) => ({
      day: text(row, 'day', ''),
      source: text(row, 'source', 'unknown'),
      flowRecords: number(row, 'flow_records'),
      sentBytes: number(row, 'sent_bytes'),
      rejected: number(row, 'rejected'),
    })),
    transfers: transfers.rows.map((row) => ({
      from: text(row, 'src_ip', 'not said'),
      to: text(row, 'dst_ip', 'not said'),
      port: text(row, 'dst_port', ''),
      sentBytes: number(row, 'sent_bytes'),
      flowRecords: number(row, 'flow_records'),
      firstSeen: text(row, 'first_seen', ''),
    })),
    transfersCut: transfers.cut,
    transfersBefore: number(answer('bulk-transfers-before').rows[0] ?? {}, 'rows'),
    largeFrom: Number(transfers.origin.parameters['bytes'] ?? 0),
    coverage,
    coverageBefore,
    archive: answer('archive-size').rows.map((row) => ({
      source: text(row, 'source', 'unknown'),
      role: text(row, 'role', ''),
      bodies: number(row, 'bodies'),
      bytes: number(row, 'bytes'),
      expandedBytes: number(row, 'expanded_bytes'),
      records: number(row, 'records'),
    })),
    growth: answer('growth-by-day').rows.map((row) => ({
      day: text(row, 'day', ''),
      bodies: number(row, 'bodies'),
      bytes: number(row, 'bytes'),
      records: number(row, 'records'),
    })),
    origins: {
      activity: answer('activity-by-day').origin.id,
      actors: actors.origin.id,
      failures: answer('commonest-failures').origin.id,
      domains: answer('changes-by-domain').origin.id,
      traffic: answer('traffic-by-day').origin.id,
      transfers: transfers.origin.id,
      transfersBefore: answer('bulk-transfers-before').origin.id,
      coverage: covered('from-coverage', 'What is held of the period', period),
      coverageBefore: covered('from-coverage-before', 'What is held of the time before', before),
      archive: answer('archive-size').origin.id,
      growth: answer('growth-by-day').origin.id,
    },
  };
}
