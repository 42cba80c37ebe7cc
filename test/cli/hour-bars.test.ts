/** Bars: as wide as the terminal allows, and no gap too short to be seen. */

import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { HourBars, labelOf, legend } from '../../cli/hour-bars.ts';
import type { UnitVerdict } from '../../ledger/coverage/states.ts';
import type { Unit } from '../../ledger/coverage/units.ts';

const STREAM = { source: 'aws.cloudtrail', account: '123456789012', region: 'eu-west-1' };
const unit = (hour: number, hours: number, verdict: UnitVerdict, stream = STREAM): Unit => ({
  stream,
  hour,
  hours,
  state: 'sealed',
  verdict,
  basis: 'delay',
  expected: null,
  held: null,
  records: 0,
  late: 0,
  reopenedAt: null,
  problem: null,
  detail: null,
});

function drawn(units: readonly Unit[], hours: number, width: number): string[] {
  const timeline = new HourBars(0, hours, width, labelOf(STREAM).length);
  for (const one of units) timeline.add(one);
  return stripVTControlCharacters(timeline.draw(40).text).split('\n');
}
const barOf = (line: string): string => line.slice(line.indexOf('┃') + 1, -1);

test('each verdict has its mark, and a gap is a gap', () => {
  const verdicts = ['complete', 'presumed', 'pending', 'unknown', 'silent', 'gap', 'complete'] as const;
  const [line] = drawn(
    verdicts.map((verdict, hour) => unit(hour, 1, verdict)),
    7,
    100,
  );
  expect(barOf(line!)).toBe('█▒░·_ █');
  for (const verdict of verdicts) expect(legend()).toContain(verdict);
});

test('fits the terminal; one hour of a year is still seen', () => {
  for (const width of [20, 80, 200]) {
    const [line] = drawn(
      [unit(0, 5000, 'complete'), unit(5000, 1, 'gap'), unit(5001, 3759, 'complete')],
      8760,
      width,
    );
    expect(line!.length).toBeLessThanOrEqual(Math.max(width, labelOf(STREAM).length + 14));
    expect(barOf(line!)).toMatch(/^█+ █+$/);
  }
});

test('hours before, after and beyond a stream are not drawn as held', () => {
  expect(barOf(drawn([unit(2, 2, 'complete'), unit(7, 1e9, 'unknown')], 8, 100)[0]!)).toBe('··██····');
});

test('names of logs are made harmless and short', () => {
  const hostile = { source: 'a', account: `\u001b[2J\u202e${'x'.repeat(500)}`, region: 'r\n\t' };
  const label = labelOf(hostile);
  expect(label).not.toMatch(/[\u001b\u202e\n\t]/);
  expect(label.length).toBeLessThanOrEqual(60);
});

test('the gravest lines are shown when there are too many', () => {
  const timeline = new HourBars(0, 2, 80, 20);
  for (let at = 0; at < 10; at++)
    timeline.add(unit(0, 2, at === 7 ? 'gap' : 'complete', { ...STREAM, account: `acc-${at}` }));
  const { text, leftOut } = timeline.draw(3);
  expect(leftOut).toBe(7);
  expect(text).toContain('acc-7');
  expect(text.split('\n')).toHaveLength(3);
});
