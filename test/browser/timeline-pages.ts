/** Timelines that are looked at and used: the sample incident, five thousand lines with gaps, and nothing but attacks. */

import type { Page } from 'playwright-core';
import { timelineHtml } from '../../exports/timeline/html.ts';
import type { RecordLine, TimelineData, TimelineLine } from '../../exports/timeline/model.ts';
import { compareLines } from '../../exports/timeline/order.ts';
import { hostileTimeline } from '../exports/timeline/hostile.ts';
import { Lakes, SAMPLES, timelineOf } from '../exports/timeline/lakes.ts';

const HOUR = 3_600e6;

/** Collected once. */
let incident: Promise<TimelineData> | null = null;
function sampleIncident(): Promise<TimelineData> {
  incident ??= (async () => {
    const lakes = new Lakes();
    try {
      return await timelineOf(await lakes.collect('lake', [SAMPLES]), { ips: ['203.0.113.66'] });
    } finally {
      lakes.remove();
    }
  })();
  return incident;
}

/** The incident again and again, with gaps and broken proofs. */
async function manyLines(count: number): Promise<TimelineData> {
  const data = await sampleIncident();
  const own = data.lines.filter((line): line is RecordLine => line.kind !== 'gap');
  const start = own[0]!.time!;
  const records = Array.from({ length: count }, (_, at): RecordLine => {
    const line = own[at % own.length]!;
    const round = Math.floor(at / own.length);
    const altered = round === 2 ? { held: 'altered' as const, problem: 'its bytes are others' } : {};
    return { ...line, time: line.time! + round * 3 * HOUR, proof: { ...line.proof, ...altered } };
  });
  const gap = (source: string, verdict: 'gap' | 'silent', from: number, hours: number): TimelineLine => ({
    ...{ kind: 'gap', source, verdict, account: '111122223333', region: 'eu-central-1' },
    ...{ time: start + from * HOUR, end: start + (from + hours) * HOUR, expected: 3, held: 2 },
    ...{ problem: 'LOG_MISSING', detail: 'a name as long as those that trails give their logs.json.gz' },
  });
  const gaps = [gap('aws.cloudtrail', 'gap', 2, 3), gap('gcp.audit', 'silent', 12, 40)];
  const lines = [...records, ...gaps].sort(compareLines);
  return { ...data, lines, span: { from: start, to: lines.at(-1)!.time! + HOUR } };
}

const html = (data: TimelineData, title: string): string => [...timelineHtml(data, title)].join('');

/** Types into the filter, and waits until it has been heeded. */
async function filtered(page: Page, text: string): Promise<string | null> {
  await page.fill('#q', text);
  await page.waitForTimeout(600);
  return page.locator('#shown').textContent();
}

const visibleLines = (page: Page): Promise<number> =>
  page.locator('.ln:not(.burst):visible, .burst:visible, .gapline:visible').count();

async function useIncident(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) wrong.push(`${what}: ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`);
  };
  expect('at first', await page.locator('#shown').textContent(), '67 of 67 lines');
  expect('filtered', await filtered(page, 'SVC-backup'), '4 of 67 lines');
  expect('lines in sight', await visibleLines(page), 4);
  expect('filtered by what only the record says', await filtered(page, 'aws-cli'), '9 of 67 lines');
  expect('nothing fits', await filtered(page, 'no such thing'), '0 of 67 lines');
  if (!(await page.locator('#none').isVisible())) wrong.push('it does not say that nothing fits');
  expect('all again', await filtered(page, ''), '67 of 67 lines');
  await page.locator('.chip input[value=flow]').uncheck();
  expect('without flows', await page.locator('#shown').textContent(), '51 of 67 lines');
  await page.locator('.chip input[value=flow]').check();
  await page.locator('#fold').click();
  expect('unfolded', await page.locator('.ln:not(.burst):visible').count(), 67);
  const line = page.locator('.ln:not(.burst):visible', { hasText: 'secrets.secret.get' }).first();
  await line.locator('summary').click();
  const body = await line.locator('.body').textContent();
  for (const part of ['"eventName": "GetSecretValue"', 'sealed and whole', 'entry 1 of the checkpoint'])
    if (body?.includes(part) !== true) wrong.push(`the record does not show ${part}`);
  return wrong;
}

async function useMany(page: Page): Promise<string[]> {
  const begun = performance.now();
  const found = await filtered(page, 'svc-backup');
  const millis = performance.now() - begun;
  const wrong = found === '300 of 5,002 lines' ? [] : [`the filter says ${found}`];
  const gaps = (await page.locator('.gapline').allTextContents()).join(' ');
  for (const part of ['LOG_MISSING', '2 of 3 log files held', 'silent for 1 d 16 h'])
    if (!gaps.includes(part)) wrong.push(`no gap shows ${part}`);
  // Generous: it takes a tenth of this where nobody else uses the machine.
  if (millis > 15_000) wrong.push(`the filter takes ${Math.round(millis)} ms`);
  return wrong;
}

export const TIMELINE_PAGES = [
  {
    name: 'timeline',
    html: async () => html(await sampleIncident(), 'case 7'),
    shows: ['Timeline of case 7', 'Tampered with logging', '67 of 67', 'made by mallory'],
    use: useIncident,
  },
  {
    name: 'timeline-long',
    html: async () => html(await manyLines(5_000), 'case 8'),
    shows: ['5,002 of 5,002 lines'],
    few: true as const,
    use: useMany,
  },
  {
    name: 'timeline-hostile',
    html: () => html(hostileTimeline(), '<script>alert(1)</script>'),
    shows: ['<img src=x onerror=alert(1)>'],
    few: true as const,
    use: async () => [],
  },
];
