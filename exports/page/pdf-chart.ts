/** A chart as vectors, laid out by the code that lays out the SVG. */

import { layoutChart } from './chart-layout.ts';
import type { Mark } from './chart-marks.ts';
import { CHART_TEXT_SIZE } from './chart-text.ts';
import type { Chart } from './page.ts';
import { LIGHT } from './palette.ts';
import { linesOf } from './pdf-lines.ts';
import { lineHeight, MARGIN, type Sheet, WIDTH } from './pdf-sheet.ts';

/** Points per unit of the drawing. */
const SCALE = 0.72;
const PAD = 10;

export function drawChart(sheet: Sheet, chart: Chart): void {
  const inner = WIDTH - 2 * PAD;
  const drawing = layoutChart(chart, inner / SCALE);
  const title = linesOf(
    chart.to === undefined ? chart.title : [{ text: chart.title, to: chart.to, strong: true }],
    sheet.fonts,
    inner,
    { size: 10, style: 'bold', longest: 300 },
  );
  const description = linesOf(chart.description, sheet.fonts, inner, {
    size: 8.5,
    colour: 'muted',
    longest: 600,
  });
  const words = title.length * lineHeight(10) + description.length * lineHeight(8.5) + 8;
  const height = words + drawing.height * SCALE + 2 * PAD;
  sheet.need(height + 10);
  sheet.gap(8);
  sheet.frame(MARGIN.left, sheet.y, WIDTH, height, 4);
  sheet.y += PAD;
  sheet.flow(title, MARGIN.left + PAD, 10);
  sheet.flow(description, MARGIN.left + PAD, 8.5);
  sheet.y += 8;
  for (const mark of drawing.marks) drawMark(sheet, mark, MARGIN.left + PAD, sheet.y);
  sheet.y += drawing.height * SCALE + PAD + 6;
}

function drawMark(sheet: Sheet, mark: Mark, left: number, top: number): void {
  switch (mark.kind) {
    case 'rect':
      sheet.box(
        left + mark.x * SCALE,
        top + mark.y * SCALE,
        mark.width * SCALE,
        mark.height * SCALE,
        mark.fill,
      );
      if (mark.edge)
        sheet.document
          .lineWidth(0.4)
          .rect(left + mark.x * SCALE, top + mark.y * SCALE, mark.width * SCALE, mark.height * SCALE)
          .stroke(LIGHT.ground);
      break;
    case 'line':
      sheet.document
        .lineWidth(0.5)
        .moveTo(left + mark.x1 * SCALE, top + mark.y1 * SCALE)
        .lineTo(left + mark.x2 * SCALE, top + mark.y2 * SCALE)
        .stroke(LIGHT[mark.stroke]);
      break;
    case 'text':
      drawWords(sheet, mark, left, top);
      break;
    default:
      mark satisfies never;
  }
}

/** The layout only estimates widths; words are placed by what they really take. */
function drawWords(sheet: Sheet, mark: Mark & { readonly kind: 'text' }, left: number, top: number): void {
  const size = CHART_TEXT_SIZE * SCALE;
  const [line] = linesOf(mark.text, sheet.fonts, Number.POSITIVE_INFINITY, { size, colour: mark.fill });
  const shift = { start: 0, middle: line!.width / 2, end: line!.width }[mark.anchor];
  let x = left + mark.x * SCALE - shift;
  for (const { text, font, width, colour } of line!.spans) {
    sheet.words(text, font, x, top + mark.y * SCALE, size, colour);
    x += width;
  }
}
