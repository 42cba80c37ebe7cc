/** Sheets of paper: where the next thing goes, and how words and boxes get there. Lengths are points, 1/72 inch. */

import type PDFDocument from 'pdfkit';
import { type ColourName, LIGHT } from './palette.ts';
import { PdfFonts } from './pdf-fonts.ts';
import type { Line, Span } from './pdf-lines.ts';

/** A4 upright. */
export const SHEET = { width: 595.28, height: 841.89 } as const;
export const MARGIN = { left: 48, right: 48, top: 54, bottom: 58 } as const;
export const WIDTH = SHEET.width - MARGIN.left - MARGIN.right;
const LINE_HEIGHT = 1.45;

export class Sheet {
  readonly document: typeof PDFDocument.prototype;
  readonly fonts: PdfFonts;
  y: number = MARGIN.top;
  /** Sheets that places lie on, counted from 0. */
  readonly placed = new Map<string, number>();
  #sheets = 0;

  constructor(document: typeof PDFDocument.prototype) {
    this.document = document;
    this.fonts = new PdfFonts(document);
    this.breakSheet();
  }

  get sheets(): number {
    return this.#sheets;
  }

  get room(): number {
    return SHEET.height - MARGIN.bottom - this.y;
  }

  get isFresh(): boolean {
    return this.y === MARGIN.top;
  }

  breakSheet(): void {
    this.document.addPage();
    this.#sheets++;
    this.y = MARGIN.top;
  }

  /** A new sheet unless so much room is left. What is higher than a sheet starts where it is. */
  need(height: number): void {
    const whole = SHEET.height - MARGIN.top - MARGIN.bottom;
    if (this.room < Math.min(height, whole) && !this.isFresh) this.breakSheet();
  }

  /** Space between things; none at the top of a sheet. */
  gap(height: number): void {
    if (!this.isFresh) this.y += height;
  }

  /** A place that links can lead to. */
  place(id: string | undefined, y: number = this.y): void {
    if (id === undefined) return;
    this.placed.set(id, this.#sheets - 1);
    // pdfkit reckons the height of a place from the top in units of the page, and reads `null` as "as it is".
    this.document.addNamedDestination(id, 'XYZ', null as unknown as number, y - 6, null as unknown as number);
  }

  box(x: number, y: number, width: number, height: number, fill: ColourName, radius = 0): void {
    const { document } = this;
    if (radius > 0) document.roundedRect(x, y, width, height, radius);
    else document.rect(x, y, width, height);
    document.fill(LIGHT[fill]);
  }

  frame(x: number, y: number, width: number, height: number, radius: number): void {
    this.document.lineWidth(0.6).roundedRect(x, y, width, height, radius).stroke(LIGHT.line);
  }

  rule(x: number, y: number, width: number, colour: ColourName = 'line', thickness = 0.5): void {
    this.document
      .lineWidth(thickness)
      .moveTo(x, y)
      .lineTo(x + width, y)
      .stroke(LIGHT[colour]);
  }

  /** One line with its top at `y`; links lead within the document. */
  line(line: Line, x: number, y: number, size: number): void {
    const height = size * LINE_HEIGHT;
    let at = x;
    // All grounds first: none may cover the letter beside it.
    for (const { text, width, ground } of line.spans) {
      if (ground !== undefined && text !== '') this.box(at - 1, y + 0.8, width + 2, height - 1.6, ground, 2);
      at += width;
    }
    at = x;
    for (const span of line.spans) {
      this.#span(span, at, y, size);
      at += span.width;
    }
  }

  #span({ text, font, width, colour, to }: Span, x: number, y: number, size: number): void {
    if (text === '') return;
    const height = size * LINE_HEIGHT;
    this.words(text, font, x, y + height * 0.72, size, colour);
    if (to === undefined) return;
    this.rule(x, y + height * 0.84, width, colour, 0.4);
    this.document.goTo(x, y, width, height, to);
  }

  /** Words that are shown text already, in one face, from `x` on the baseline `y`. */
  words(text: string, font: string, x: number, y: number, size: number, colour: ColourName): void {
    this.document
      .font(font)
      .fontSize(size)
      .fillColor(LIGHT[colour])
      .text(text, x, y, { lineBreak: false, baseline: 'alphabetic' });
  }

  /** Lines one under the other from the current place on, over as many sheets as they take. */
  flow(lines: readonly Line[], x: number, size: number): void {
    const height = lineHeight(size);
    for (const line of lines) {
      this.need(height);
      this.line(line, x, this.y, size);
      this.y += height;
    }
  }
}

export const lineHeight = (size: number): number => size * LINE_HEIGHT;
