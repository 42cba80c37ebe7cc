/** Where every bar, line and word of a chart goes: the same for the SVG of a page and the vectors of a PDF. */

import { LINE, legend, UNKNOWN } from './chart-legend.ts';
import { type Mark, text } from './chart-marks.ts';
import { nullSpans, type Scale, scaleOf } from './chart-scale.ts';
import { textWidth } from './chart-text.ts';
import { shortNumber, wholeNumberText } from './number-text.ts';
import type { Chart, Series } from './page.ts';
import { type ColourName, SERIES_FILLS } from './palette.ts';
import { shownText } from './shown-text.ts';

/** In units of which a page's text has about 11 to a line's height. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

const PLOT_HEIGHT = 190;
const LEAST_EDGED = 4;
const MOST_DRAWN = 1e18;

interface Painted extends Series {
  readonly fill: ColourName;
}

/** The chart in a drawing `width` units wide; its height follows from what it holds. */
export function layoutChart(chart: Chart, width: number): Drawing {
  const series = paintedSeries(chart);
  return chart.form === 'horizontal' ? horizontal(chart, series, width) : upright(chart, series, width);
}

/** Colours for series; those beyond the palette become one. Parts without meaning of their own take the palette in order. */
export function paintedSeries({ series, labels }: Chart): Painted[] {
  const room = SERIES_FILLS.length;
  const kept = series.length <= room ? series : series.slice(0, room - 1);
  const rest = series.slice(kept.length);
  const merged: Series[] =
    rest.length === 0
      ? []
      : [{ name: `${rest.length} others`, values: labels.map((_, at) => sumAt(rest, at)), tone: 'quiet' }];
  let next = 0;
  return [...kept, ...merged].map((one) => ({
    ...one,
    values: labels.map((_, at) => drawable(one.values[at])),
    name: shownText(one.name, 200),
    fill:
      one.tone === undefined || one.tone === 'plain'
        ? SERIES_FILLS[next++ % room]!
        : one.tone === 'quiet'
          ? 's7'
          : one.tone,
  }));
}

/** What is no number is not known; nothing that is counted comes near the limit. */
const drawable = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(value, MOST_DRAWN) : null;

const sumAt = (series: readonly Series[], at: number): number | null => {
  const known = series.map(({ values }) => values[at]).filter((value) => typeof value === 'number');
  return known.length === 0 ? null : known.reduce((sum, value) => sum + Math.max(0, value), 0);
};

function upright(chart: Chart, series: readonly Painted[], width: number): Drawing {
  const marks: Mark[] = [];
  const unknown = nullSpans(chart.labels.length, series);
  const top = legend(marks, series, unknown.length > 0, width) + LINE + 8;
  const totals =
    chart.form === 'stacked'
      ? chart.labels.map((_, at) => sumAt(series, at) ?? 0)
      : series.flatMap(({ values }) => values.map((value) => value ?? 0));
  const scale = scaleOf(totals, chart.unit, PLOT_HEIGHT);
  const ticks = scale.ticks.map((value) => shortNumber(value, chart.unit));
  const left = Math.max(...ticks.map(textWidth)) + 10;
  const plot = { left, right: width - 2, top, bottom: top + PLOT_HEIGHT };
  text(marks, 0, top - 12, chart.valueTitle, 'start', width);
  for (const [at, value] of scale.ticks.entries()) {
    const y = plot.bottom - scale.length(value);
    if (value > 0) marks.push({ kind: 'line', x1: left, y1: y, x2: plot.right, y2: y, stroke: 'line' });
    text(marks, left - 6, y + 4, ticks[at]!, 'end', left);
  }
  const step = (plot.right - plot.left) / Math.max(1, chart.labels.length);
  for (const at of unknown)
    marks.push({
      kind: 'rect',
      x: plot.left + at * step,
      y: plot.top,
      width: step,
      height: PLOT_HEIGHT,
      fill: 'quiet-ground',
      title: `${labelAt(chart, at)}: ${UNKNOWN}`,
    });
  const bars = chart.form === 'stacked' ? stackedBars : sideBySide;
  bars(marks, chart, series, scale, { left: plot.left, bottom: plot.bottom, step });
  const { right, bottom } = plot;
  marks.push({ kind: 'line', x1: left, y1: bottom, x2: right, y2: bottom, stroke: 'muted' });
  const height = categoryAxis(marks, chart, plot.left, step, plot.bottom, width);
  return { width, height, marks };
}

interface Place {
  readonly left: number;
  readonly bottom: number;
  readonly step: number;
}

/** An edge would leave nothing of a bar that is hardly wider. */
const edgeOf = (width: number): { edge?: true } => (width >= LEAST_EDGED ? { edge: true } : {});

function stackedBars(
  marks: Mark[],
  chart: Chart,
  series: readonly Painted[],
  scale: Scale,
  { left, bottom, step }: Place,
): void {
  const gap = Math.min(step * 0.25, 8);
  for (let at = 0; at < chart.labels.length; at++) {
    let y = bottom;
    for (const { values, fill, name } of series) {
      const value = values[at];
      if (typeof value !== 'number' || value <= 0) continue;
      const height = scale.length(value);
      y -= height;
      const title = `${labelAt(chart, at)} · ${name}: ${told(value, chart)}`;
      const [x, width] = [left + at * step + gap / 2, step - gap];
      marks.push({ kind: 'rect', x, y, width, height, fill, ...edgeOf(width), title });
    }
  }
}

function sideBySide(
  marks: Mark[],
  chart: Chart,
  series: readonly Painted[],
  scale: Scale,
  { left, bottom, step }: Place,
): void {
  const gap = Math.min(step * 0.3, 12);
  const bar = (step - gap) / Math.max(1, series.length);
  for (const [part, { values, fill, name }] of series.entries())
    for (const [at, value] of values.entries()) {
      if (typeof value !== 'number' || value <= 0 || at >= chart.labels.length) continue;
      const height = Math.max(1, scale.length(value));
      const title = `${labelAt(chart, at)}${series.length > 1 ? ` · ${name}` : ''}: ${told(value, chart)}`;
      const x = left + at * step + gap / 2 + part * bar;
      marks.push({ kind: 'rect', x, y: bottom - height, width: bar, height, fill, ...edgeOf(bar), title });
    }
}

/** Labels under the bars, as many as have room; returns the drawing's height. */
function categoryAxis(
  marks: Mark[],
  chart: Chart,
  left: number,
  step: number,
  bottom: number,
  width: number,
): number {
  const labels = chart.labels.map((_, at) => labelAt(chart, at));
  const widest = Math.max(0, ...labels.map(textWidth));
  const every = Math.max(1, Math.ceil((Math.min(widest, 90) + 8) / Math.max(step, 0.01)));
  for (const [at, label] of labels.entries()) {
    if (at % every !== 0) continue;
    const room = Math.min(90, step * every - 4);
    const half = Math.min(textWidth(label), room) / 2;
    const x = Math.min(Math.max(left + (at + 0.5) * step, half), width - half);
    text(marks, x, bottom + LINE, label, 'middle', room);
  }
  text(marks, width, bottom + 2 * LINE + 1, chart.labelTitle, 'end', width);
  return bottom + 2 * LINE + 6;
}

function horizontal(chart: Chart, series: readonly Painted[], width: number): Drawing {
  const marks: Mark[] = [];
  const unknown = nullSpans(chart.labels.length, series);
  const start = legend(marks, series, false, width) + LINE;
  const labels = chart.labels.map((_, at) => labelAt(chart, at));
  const labelRoom = Math.min(width * 0.42, Math.max(40, ...labels.map(textWidth)) + 2);
  text(marks, 0, start - 6, chart.labelTitle, 'start', labelRoom);
  text(marks, labelRoom + 8, start - 6, chart.valueTitle, 'start', width - labelRoom - 8);
  const values = series.flatMap((one) => one.values.map((value) => value ?? 0));
  const valueRoom = Math.max(20, ...values.map((value) => textWidth(shortNumber(value, chart.unit)))) + 8;
  const left = labelRoom + 8;
  const longest = Math.max(1, ...values);
  const room = Math.max(20, width - left - valueRoom);
  const bar = series.length > 1 ? 11 : 13;
  const row = Math.max(LINE + 4, series.length * (bar + 2) + 8);
  for (const [at, label] of labels.entries()) {
    const middle = start + at * row + row / 2;
    text(marks, 0, middle + 4, label, 'start', labelRoom, 'ink');
    if (unknown.includes(at)) text(marks, left, middle + 4, UNKNOWN, 'start', width - left);
    for (const [part, { values: own, fill, name }] of series.entries()) {
      const value = own[at];
      if (typeof value !== 'number') continue;
      const y = middle - (series.length * (bar + 2) - 2) / 2 + part * (bar + 2);
      const length = value <= 0 ? 0 : Math.max(1, (value / longest) * room);
      const title = `${label}${series.length > 1 ? ` · ${name}` : ''}: ${told(value, chart)}`;
      if (length > 0) marks.push({ kind: 'rect', x: left, y, width: length, height: bar, fill, title });
      text(marks, left + length + 5, y + bar / 2 + 4, shortNumber(value, chart.unit), 'start', valueRoom);
    }
  }
  const height = start + labels.length * row + 4;
  marks.push({ kind: 'line', x1: left, y1: start, x2: left, y2: height - 4, stroke: 'muted' });
  return { width, height, marks };
}

const labelAt = ({ labels }: Chart, at: number): string => shownText(labels[at] ?? '', 200);

const told = (value: number, { unit }: Chart): string =>
  unit === 'count' ? wholeNumberText(value) : shortNumber(value, unit);
