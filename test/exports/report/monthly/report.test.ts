/** The monthly report of a lake collected from the sample trails. */

import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { monthly } from '../../../../exports/report/monthly/monthly.ts';
import { WATCHED } from '../../../../exports/report/monthly/watch-list.ts';
import { monthPeriod, periodOf } from '../../../../exports/report/period.ts';
import { makeReport, type Report } from '../../../../exports/report/report.ts';
import type { Lake } from '../../../../vault/lake.ts';
import { sampleLake, scratch } from '../sample-lake.ts';

const folder = scratch();
let lake: Lake;
let march: Report;
beforeAll(async () => {
  lake = await sampleLake(folder);
  march = await makeReport(monthly, lake, monthPeriod('2024-03'), new Map());
}, 120_000);

interface Figure {
  readonly id: string;
  readonly value: number | null;
  readonly origin: string;
}
const textOf = ({ files }: Report, name: string): string =>
  Buffer.from(files.find(({ path }) => path === name)!.bytes).toString('utf8');
const figures = (report: Report): Map<string, Figure> =>
  new Map(
    (JSON.parse(textOf(report, 'report.json')) as { figures: Figure[] }).figures.map((one) => [one.id, one]),
  );

test('counts what the sample trails hold, and what they tried', () => {
  const found = figures(march);
  expect(found.get('events')?.value).toBe(67);
  expect(found.get('flow-records')?.value).toBe(18);
  expect(found.get('failed-sign-ins')?.value).toBe(8);
  expect(found.get('transfers')?.value).toBe(3);
  expect(found.get('watch/audit-logs-stopped')?.value).toBe(3);
  expect(found.get('watch/key-deletion')?.value).toBe(2);
  expect(found.get('events-before')?.value).toBe(0);
});

test('the month after is compared with it: everything fell silent', async () => {
  const april = await makeReport(monthly, lake, monthPeriod('2024-04'), new Map());
  const found = figures(april);
  expect(found.get('events')?.value).toBe(0);
  expect(found.get('events-before')?.value).toBe(67);
  expect(found.get('watch/audit-logs-stopped-before')?.value).toBe(3);
  expect(textOf(april, 'report.html')).toContain('aws.cloudtrail has no event');
});

test('the watch list counts what each of its questions answers by itself', async () => {
  const origins = (
    JSON.parse(textOf(march, 'report.json')) as { origins: { id: string; question: string }[] }
  ).origins;
  expect(origins.map(({ question }) => question)).toEqual(expect.arrayContaining([...WATCHED]));
  expect(figures(march).get('watch/role-grants')?.value).toBe(5);
});

test('the same snapshot gives the same bytes', async () => {
  const again = await makeReport(monthly, lake, monthPeriod('2024-03'), new Map());
  const sums = ({ files }: Report) =>
    files.map(({ path, bytes }) => [path, createHash('sha256').update(bytes).digest('hex')]);
  expect(sums(again)).toEqual(sums(march));
});

test('a period is of whole days, and a month is a month', async () => {
  const part = periodOf(new Date('2024-03-01T09:00:00Z'), new Date('2024-04-01'));
  await expect(makeReport(monthly, lake, part, new Map())).rejects.toThrow(/whole days/);
  expect(() => monthPeriod('2024-13')).toThrow(/no month/);
  expect(monthPeriod('2023-12').to.toISOString()).toBe('2024-01-01T00:00:00.000Z');
});
