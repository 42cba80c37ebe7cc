import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutChart } from '../../../exports/page/chart-layout.ts';
import { scaleOf } from '../../../exports/page/chart-scale.ts';
import { textWidth } from '../../../exports/page/chart-text.ts';
import type { Chart } from '../../../exports/page/page.ts';

const value = fc.option(fc.oneof(fc.double(), fc.integer({ min: -5, max: 1e9 })), { nil: null });
const anyChart: fc.Arbitrary<Chart> = fc
  .record({
    form: fc.constantFrom('bar' as const, 'stacked' as const, 'horizontal' as const),
    unit: fc.constantFrom('count' as const, 'bytes' as const, 'percent' as const),
    labels: fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 40 }),
    names: fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 12 }),
    values: fc.array(fc.array(value, { maxLength: 45 }), { minLength: 12, maxLength: 12 }),
  })
  .map(({ names, values, ...rest }) => ({
    kind: 'chart',
    title: 't',
    description: 'd',
    labelTitle: 'labels',
    valueTitle: 'values',
    ...rest,
    series: names.map((name, at) => ({ name, values: values[at]! })),
  }));

const bars: Chart = {
  kind: 'chart',
  form: 'bar',
  title: 't',
  description: 'd',
  labels: ['a', 'b', 'c'],
  labelTitle: 'l',
  valueTitle: 'v',
  unit: 'count',
  series: [{ name: 's', values: [10, 20, null] }],
};
const rects = (chart: Chart) => layoutChart(chart, 600).marks.filter((mark) => mark.kind === 'rect');

describe('the layout of a chart', () => {
  test('whatever the values, every mark is a number and lies within the drawing', () => {
    fc.assert(
      fc.property(anyChart, fc.constantFrom(340, 760), (chart, width) => {
        const drawing = layoutChart(chart, width);
        expect(Number.isFinite(drawing.height)).toBe(true);
        for (const mark of drawing.marks) {
          const places =
            mark.kind === 'rect'
              ? [mark.x, mark.x + mark.width, mark.y, mark.y + mark.height]
              : mark.kind === 'line'
                ? [mark.x1, mark.x2, mark.y1, mark.y2]
                : [mark.x, mark.x, mark.y, mark.y];
          const [left, right, top, bottom] = places as [number, number, number, number];
          expect(left).toBeGreaterThanOrEqual(-0.01);
          expect(right).toBeLessThanOrEqual(width + 0.01);
          expect(top).toBeGreaterThanOrEqual(-0.01);
          expect(bottom).toBeLessThanOrEqual(drawing.height + 0.01);
          if (mark.kind === 'text') expect(textWidth(mark.text)).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a bar is as long as its value, and what is not known looks different from zero', () => {
    const [unknownMark, unknown, ten, twenty] = rects(bars);
    expect(unknownMark).toMatchObject({ fill: 'quiet-ground', width: 10 });
    expect(unknown).toMatchObject({ fill: 'quiet-ground', title: 'c: not known' });
    expect(twenty!.height / ten!.height).toBeCloseTo(2, 5);
    const zeros = rects({ ...bars, series: [{ name: 's', values: [0, 0, 0] }] });
    expect(zeros).toEqual([]);
  });

  test('series beyond the palette are one, so that no colour means two things', () => {
    const series = Array.from({ length: 11 }, (_, at) => ({ name: `s${at}`, values: [1, 1, 1] }));
    const drawn = rects({ ...bars, form: 'stacked', series });
    expect(new Set(drawn.map(({ fill }) => fill)).size).toBe(8);
    expect(drawn.map(({ title }) => title)).toContain('a · 4 others: 4');
  });
});

test.each([
  [[0], 'count', [0, 1]],
  [[7], 'count', [0, 2, 4, 6, 8]],
  [[3, 1], 'count', [0, 1, 2, 3]],
  [[950_000], 'bytes', [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]],
] as const)('the scale of %j %s has the steps %j', (values, unit, ticks) => {
  expect(scaleOf(values, unit, 100).ticks).toEqual(ticks);
});
