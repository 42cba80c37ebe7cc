import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../../exports/page/html.ts';
import type { Block, Figure } from '../../../../exports/page/page.ts';
import { plainText } from '../../../../exports/page/page.ts';
import { renderPdf } from '../../../../exports/page/pdf.ts';
import type { MonthlyData } from '../../../../exports/report/monthly/data.ts';
import { monthlyContent } from '../../../../exports/report/monthly/monthly.ts';
import { CELL_COLUMNS, columnsNamed, WATCHED } from '../../../../exports/report/monthly/watch-list.ts';
import { conditionOf } from '../../../../exports/report/populations.ts';
import { questionByName } from '../../../../queries/question.ts';
import { pageOfMonth } from './page-of.ts';
import { EMPTY_MONTH, SAMPLE_MONTH } from './sample-data.ts';

const blocksOf = (data: MonthlyData): Block[] =>
  monthlyContent(data).sections.flatMap(({ blocks }) => blocks);
const figuresOf = (data: MonthlyData): Map<string, Figure> =>
  new Map(
    blocksOf(data).flatMap((block) =>
      block.kind === 'figures' ? block.figures.map((figure) => [figure.name, figure] as const) : [],
    ),
  );
const findingsOf = (data: MonthlyData): string[] =>
  blocksOf(data).flatMap((block) => (block.kind === 'list' ? block.items.map(plainText) : []));

describe('a monthly report', () => {
  test('says each number beside that of the month before', () => {
    const figures = figuresOf(SAMPLE_MONTH);
    const sums = (prefix: string) =>
      SAMPLE_MONTH.activity
        .filter(({ day }) => day.startsWith(prefix))
        .reduce((total, { events }) => total + events, 0);
    const [now, before] = [sums('2026-09'), sums('2026-08')];
    expect(figures.get('Events')?.value).toBe(now.toLocaleString('en-US'));
    expect(figures.get('Events')?.change).toBe(
      `${now < before ? '−' : '+'}${Math.round((Math.abs(now - before) / before) * 100)} % on August 2026`,
    );
    expect(figures.get('Transfers over 10 MB')).toMatchObject({
      value: '34',
      change: '+62 % on August 2026',
      tone: 'bad',
    });
    // 3 + 11 of 2,160 hours are not claimed.
    expect(figures.get('Hours covered')).toMatchObject({ value: '99.3 %', tone: 'bad' });
  });

  test('says what stands out: gaps, sources that fell silent, what is new, what fails more', () => {
    const findings = findingsOf(SAMPLE_MONTH).join('\n');
    expect(findings).toMatch(/^gap 3 hours of which something is known to be missing/);
    expect(findings).toMatch(/silent k8s\.audit has no event; [\d,]+ in August 2026/);
    expect(findings).toMatch(/new sign-ins without mfa|new mfa changes/i);
    expect(findings).toContain(
      'storage.object.get failed 20,412 times with AccessDenied: +158 % on August 2026.',
    );
    expect(findings).not.toContain('signin.user.login failed');
  });

  test('where nothing is held of the month before, nothing is called new', () => {
    const alone: MonthlyData = {
      ...SAMPLE_MONTH,
      activity: SAMPLE_MONTH.activity.filter(({ day }) => day >= '2026-09'),
      traffic: SAMPLE_MONTH.traffic.filter(({ day }) => day >= '2026-09'),
    };
    expect(findingsOf(alone).filter((text) => /new|failing/.test(text))).toEqual([]);
    expect(figuresOf(alone).get('Events')?.change).toBe('nothing held of August 2026');
    const charts = blocksOf(alone).filter((block) => block.kind === 'chart');
    const named = charts.filter(({ to }) => to !== 'from-growth-by-day' && to !== 'from-coverage');
    expect(named.flatMap(({ series }) => series.map(({ name }) => name))).not.toContain('August 2026');
  });

  test('days after the last thing that is known are not known, and are no zeros', () => {
    const early = { ...SAMPLE_MONTH, instant: '2026-09-10T12:00:00.000Z' };
    const known = {
      ...early,
      activity: early.activity.filter(({ day }) => day <= '2026-09-10'),
    };
    const [chart] = blocksOf(known).filter((block) => block.kind === 'chart');
    expect(chart!.series[0]!.values.slice(8, 12)).toEqual([
      expect.any(Number),
      expect.any(Number),
      null,
      null,
    ]);
  });

  test('every number and chart leads to where it comes from', () => {
    const { figures } = monthlyContent(SAMPLE_MONTH);
    const places = new Set([
      ...Object.values(SAMPLE_MONTH.origins),
      ...WATCHED.map((name) => `from-${name}`),
    ]);
    expect(figures.filter(({ origin }) => !places.has(origin))).toEqual([]);
    expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length);
    expect(
      blocksOf(SAMPLE_MONTH).filter((block) => block.kind === 'chart' && block.to === undefined),
    ).toEqual([]);
    expect([...figuresOf(SAMPLE_MONTH).values()].filter(({ to }) => to === undefined)).toEqual([]);
  });

  test.each([
    ['a full month', SAMPLE_MONTH],
    ['an empty lake', EMPTY_MONTH],
  ])('%s is drawn, twice with the same bytes', async (_, data) => {
    const page = pageOfMonth(data);
    expect(renderHtml(page)).toBe(renderHtml(pageOfMonth(structuredClone(data))));
    const [one, two] = [await renderPdf(page), await renderPdf(page)];
    expect(Buffer.compare(one, two)).toBe(0);
    expect(renderHtml(page)).not.toContain('<img');
  });
});

describe('the watch list', () => {
  test.each(WATCHED)('%s lists single events by columns that the list counts by', (name) => {
    const condition = conditionOf(questionByName(name));
    expect(condition).not.toBeNull();
    expect(columnsNamed(condition!).filter((column) => !CELL_COLUMNS.includes(column))).toEqual([]);
  });
});
