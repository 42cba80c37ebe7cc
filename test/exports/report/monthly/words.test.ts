import { expect, test } from 'vitest';
import { changeShort, changeText, daysOf, periodName } from '../../../../exports/report/monthly/words.ts';
import { periodOf } from '../../../../exports/report/period.ts';

const period = (from: string, to: string) => periodOf(new Date(from), new Date(to));
const august = { name: 'August', known: true };

test.each([
  ['2026-09-01', '2026-10-01', 'September 2026'],
  ['2025-12-01', '2026-01-01', 'December 2025'],
  ['2025-07-01', '2026-07-01', 'July 2025 to June 2026'],
  ['2026-09-01', '2026-09-15', '2026-09-01 to 2026-09-14'],
])('%s to %s is %s', (from, to, name) => {
  expect(periodName(period(from, to))).toBe(name);
});

test('every day of a period, a leap day too', () => {
  const days = daysOf(period('2024-02-01', '2024-03-01'));
  expect([days.length, days[0], days.at(-1)]).toEqual([29, '2024-02-01', '2024-02-29']);
});

test.each([
  [112, 100, '+12 % on August', '+12 %'],
  [97, 100, '−3 % on August', '−3 %'],
  [100, 100, 'as in August', '±0'],
  [0, 100, '−100 % on August', '−100 %'],
  [1_500, 100, "15 times August's", '× 15'],
  [0, 0, 'none in August either', '–'],
])('%d after %d: %s', (now, before, long, short) => {
  expect(changeText(now, before, august)).toBe(long);
  expect(changeShort(now, before, august)).toBe(short);
});

test('what was not there before is new, unless nothing is held of that time', () => {
  expect(changeText(5, 0, august)).toBe('none in August');
  expect(changeShort(5, 0, august)).toEqual([{ text: 'new', tone: 'warn' }]);
  expect(changeText(5, 0, { ...august, known: false })).toBe('nothing held of August');
  expect(changeShort(5, 0, { ...august, known: false })).toBe('–');
});
