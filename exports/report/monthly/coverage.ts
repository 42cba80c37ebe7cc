/** What is held of the time, hour by hour and source by source. */

import { UNIT_VERDICTS, type UnitVerdict } from '../../../ledger/coverage/states.ts';
import type { Block, Section, Tone } from '../../page/page.ts';
import type { PeriodCoverage } from '../coverage.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { besides, besideText, counted, periodName, timeText } from './words.ts';

const VERDICTS = Object.keys(UNIT_VERDICTS) as readonly UnitVerdict[];
export const VERDICT_TONES: Readonly<Record<UnitVerdict, Tone>> = {
  gap: 'bad',
  silent: 'warn',
  unknown: 'quiet',
  pending: 'quiet',
  presumed: 'good',
  complete: 'good',
};
const MOST_PROBLEMS = 25;

/** Per cent of the hours of all streams for which completeness is claimed; null where no hour was judged. */
export function claimedShare(hours: PeriodCoverage['hours']): number | null {
  const all = VERDICTS.reduce((total, verdict) => total + hours[verdict], 0);
  const claimed = VERDICTS.filter((verdict) => UNIT_VERDICTS[verdict].claims).reduce(
    (total, verdict) => total + hours[verdict],
    0,
  );
  return all === 0 ? null : (100 * claimed) / all;
}

/** `99.6 %`: never 100 while an hour is missing. */
export const shareText = (share: number | null): string =>
  share === null ? 'not known' : `${Math.floor(share * 10) / 10} %`;

export function coverageSection(data: MonthlyData): Section {
  const { coverage, coverageBefore, origins } = data;
  const earlier = { ...earlierOf(data), known: coverageBefore.sources.length > 0 };
  const hoursBefore = new Map(coverageBefore.sources.map(({ source, hours }) => [source, hours]));
  const shares = coverage.sources.map(({ source, hours }) => ({
    source,
    now: claimedShare(hours),
    before: hoursBefore.has(source) ? claimedShare(hoursBefore.get(source)!) : null,
  }));
  const blocks: Block[] = [
    {
      kind: 'chart',
      form: 'horizontal',
      title: 'Hours covered, by source',
      description: `Share of the hours of all its accounts and regions for which completeness is claimed${besideText(earlier)}.`,
      labels: shares.map(({ source }) => source),
      labelTitle: 'Source',
      valueTitle: 'Hours covered',
      unit: 'percent',
      to: origins.coverage,
      series: besides(
        earlier,
        shares.map(({ before }) => before),
        { name: periodName(data.period), values: shares.map(({ now }) => now), tone: 'good' },
        'earlier last',
      ),
    },
    {
      kind: 'table',
      caption: 'Hours by verdict',
      columns: [
        { title: 'Source', mono: true },
        { title: 'Gravest' },
        ...VERDICTS.map((title) => ({ title, align: 'right' as const })),
        { title: 'Complete until (UTC)', width: 1.5 },
      ],
      rows: coverage.sources.map(({ source, verdict, hours, claimedBefore }) => ({
        cells: [
          source,
          [{ text: verdict, tone: VERDICT_TONES[verdict] }],
          ...VERDICTS.map((name) => [{ text: counted(hours[name]), to: origins.coverage }]),
          claimedBefore?.replace('T', ' ').replace(/(\.\d+)?Z$/, '') ?? 'not claimed',
        ],
      })),
      empty: 'Nothing is held of this time.',
    },
    ...problems(coverage),
  ];
  return { id: 'coverage', title: 'Coverage', blocks };
}

function problems({ problems: found, problemsLeftOut }: PeriodCoverage): Block[] {
  if (found.length === 0) return [];
  const shown = found.slice(0, MOST_PROBLEMS);
  const more = found.length - shown.length + problemsLeftOut;
  const table: Block = {
    kind: 'table',
    caption: 'Gaps and silences',
    columns: [
      { title: 'From (UTC)' },
      { title: 'To' },
      { title: 'Source', mono: true },
      { title: 'Account', mono: true },
      { title: 'Region', mono: true },
      { title: 'What' },
      { title: 'Why', width: 2 },
    ],
    rows: shown.map(({ from, to, source, account, region, verdict, problem }) => ({
      tone: VERDICT_TONES[verdict],
      cells: [
        hour(from),
        hour(to),
        source,
        account ?? '',
        region ?? '',
        [{ text: verdict, tone: VERDICT_TONES[verdict] }],
        problem ?? UNIT_VERDICTS[verdict].meaning,
      ],
    })),
  };
  if (more === 0) return [table];
  return [table, { kind: 'text', text: `${counted(more)} more are not listed: akashi coverage shows all.` }];
}

const hour = (instant: string): string => timeText(instant).slice(0, 16);
