/** How much was recorded, day by day and source by source. */

import type { Block, Section, Series, TableRow } from '../../page/page.ts';
import { besideDays, dayAxis } from './daily.ts';
import { type ActivityRow, earlierOf, type MonthlyData } from './data.ts';
import { byDay, byName, type Split, splitByDay } from './split.ts';
import { changeShort, counted, daysOf, type Earlier, periodName, several, sum } from './words.ts';

/** A chart shows so many sources; the rest are one. */
const MOST_SOURCES = 7;

export function volumeSection(data: MonthlyData): Section {
  const { now } = splitByDay(data.activity, data.period);
  const days = daysOf(data.period);
  const names = byName(
    now,
    ({ source }) => source,
    ({ events }) => events,
  ).map(([name]) => name);
  const total = sum(now, ({ events }) => events);
  const blocks: Block[] = [
    {
      kind: 'chart',
      form: 'stacked',
      title: 'Events per day and source',
      description: `${several(total, 'event')} from ${several(names.length, 'source')} in ${periodName(data.period)}, by the time of the event.`,
      ...dayAxis(days),
      valueTitle: 'Events',
      unit: 'count',
      to: data.origins.activity,
      series: stackOf(now, names, days, data.instant),
    },
    ...(earlierOf(data).known ? [allSources(data)] : []),
    sourceTable(data),
  ];
  return { id: 'volume', title: 'Volume', blocks };
}

/** With nothing to compare it would show the same again. */
const allSources = (data: MonthlyData): Block =>
  besideDays(data, {
    title: 'Events per day',
    description: 'All sources together',
    valueTitle: 'Events',
    unit: 'count',
    to: data.origins.activity,
    rows: data.activity,
    of: ({ events }) => events,
  });

function stackOf(
  rows: readonly ActivityRow[],
  names: readonly string[],
  days: readonly string[],
  instant: string,
): Series[] {
  const shown = names.length > MOST_SOURCES ? names.slice(0, MOST_SOURCES - 1) : names;
  const valuesOf = (own: readonly ActivityRow[]) => byDay(own, days, instant, ({ events }) => events);
  const series: Series[] = shown.map((name) => ({
    name,
    values: valuesOf(rows.filter(({ source }) => source === name)),
  }));
  if (shown.length === names.length) return series;
  const rest = rows.filter(({ source }) => !shown.includes(source));
  return [
    ...series,
    { name: `${names.length - shown.length} others`, values: valuesOf(rest), tone: 'quiet' },
  ];
}

interface Amounts<T> {
  readonly what: string;
  readonly rows: Split<T>;
  readonly amount: (row: T) => number;
  readonly failed: (row: T) => number;
  readonly to: string;
}

function sourceTable(data: MonthlyData): Block {
  const earlier = earlierOf(data);
  const rows = [
    ...rowsOf(earlier, {
      what: 'events',
      rows: splitByDay(data.activity, data.period),
      amount: ({ events }) => events,
      failed: ({ failures }) => failures,
      to: data.origins.activity,
    }),
    ...rowsOf(earlier, {
      what: 'flows',
      rows: splitByDay(data.traffic, data.period),
      amount: ({ flowRecords }) => flowRecords,
      failed: ({ rejected }) => rejected,
      to: data.origins.traffic,
    }),
  ];
  return {
    kind: 'table',
    caption: 'By source',
    columns: [
      { title: 'Source', mono: true },
      { title: 'What' },
      { title: 'Records', align: 'right' },
      { title: earlier.name, align: 'right' },
      { title: 'Change', align: 'right' },
      { title: 'Failed or rejected', align: 'right' },
      { title: 'Days with records', align: 'right' },
    ],
    rows,
    empty: 'Nothing was recorded in either time.',
  };
}

/** Sources of either time: one that says nothing any more must be seen. */
function rowsOf<T extends { readonly day: string; readonly source: string }>(
  earlier: Earlier,
  { what, rows, amount, failed, to }: Amounts<T>,
): TableRow[] {
  const before = new Map(byName(rows.before, ({ source }) => source, amount));
  const now = new Map(byName(rows.now, ({ source }) => source, amount));
  const gone = [...before.keys()].filter((name) => !now.has(name));
  return [...now.keys(), ...gone].map((source) => {
    const own = rows.now.filter((row) => row.source === source);
    const [here, there] = [now.get(source) ?? 0, before.get(source) ?? 0];
    return {
      ...(here === 0 ? { tone: 'bad' as const } : {}),
      cells: [
        source,
        what,
        [{ text: counted(here), to }],
        counted(there),
        here === 0 ? [{ text: 'silent', tone: 'bad' as const }] : changeShort(here, there, earlier),
        counted(sum(own, failed)),
        counted(new Set(own.filter((row) => amount(row) > 0).map(({ day }) => day)).size),
      ],
    };
  });
}
