/** Every single number of a monthly report with where it comes from, for programs. */

import type { ReportFigure } from '../kind.ts';
import { claimedShare } from './coverage.ts';
import type { MonthlyData } from './data.ts';
import { splitByDay } from './split.ts';
import { sum } from './words.ts';

export function figuresOfReport(data: MonthlyData): ReportFigure[] {
  const { origins } = data;
  const activity = splitByDay(data.activity, data.period);
  const traffic = splitByDay(data.traffic, data.period);
  const growth = splitByDay(data.growth, data.period);
  const figures: ReportFigure[] = [];
  const both = (
    id: string,
    name: string,
    now: number | null,
    before: number | null,
    origin: string,
    earlier = origin,
  ) => {
    figures.push({ id, name, value: now, origin });
    figures.push({ id: `${id}-before`, name: `${name}, in the time before`, value: before, origin: earlier });
  };
  const totals = <T>(
    id: string,
    name: string,
    rows: { readonly now: readonly T[]; readonly before: readonly T[] },
    of: (row: T) => number,
    origin: string,
  ) => both(id, name, sum(rows.now, of), sum(rows.before, of), origin);
  totals('events', 'Events', activity, ({ events }) => events, origins.activity);
  totals('failures', 'Failures', activity, ({ failures }) => failures, origins.activity);
  totals('changes', 'Changes', activity, ({ changes }) => changes, origins.activity);
  totals('sign-ins', 'Sign-ins that succeeded', activity, ({ signIns }) => signIns, origins.activity);
  totals(
    'failed-sign-ins',
    'Sign-ins that failed',
    activity,
    ({ failedSignIns }) => failedSignIns,
    origins.activity,
  );
  const { actors, actorsBefore, newcomers } = data.actorCounts;
  both('actors', 'Actors', actors, actorsBefore, origins.actors);
  figures.push({ id: 'newcomers', name: 'Actors not seen before', value: newcomers, origin: origins.actors });
  totals('flow-records', 'Flow records', traffic, ({ flowRecords }) => flowRecords, origins.traffic);
  totals('rejected', 'Flow records rejected', traffic, ({ rejected }) => rejected, origins.traffic);
  totals('sent-bytes', 'Bytes sent', traffic, ({ sentBytes }) => sentBytes, origins.traffic);
  both(
    'transfers',
    'Large transfers',
    data.transfers.length,
    data.transfersBefore,
    origins.transfers,
    origins.transfersBefore,
  );
  both(
    'covered',
    'Hours covered, per cent',
    claimedShare(data.coverage.hours),
    claimedShare(data.coverageBefore.hours),
    origins.coverage,
    origins.coverageBefore,
  );
  totals('received-bytes', 'Bytes received', growth, ({ bytes }) => bytes, origins.growth);
  figures.push({
    id: 'archive-bytes',
    name: 'Bytes kept as received',
    value: sum(data.archive, ({ bytes }) => bytes),
    origin: origins.archive,
  });
  for (const { question, title, count, countBefore, origin } of data.watch)
    both(`watch/${question}`, title, count, countBefore, origin);
  return figures;
}
