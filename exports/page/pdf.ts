/**
 * A page as PDF: A4, Japanese included, charts as vectors, contents with page numbers, links within. The document carries the
 * page's instant where others carry the clock, so the same page gives the same bytes.
 */

import PDFDocument from 'pdfkit';
import { anchorsOf } from './anchors.ts';
import { BRAND_BARS } from './brand.ts';
import type { Block, Fact, Page, Section } from './page.ts';
import { drawCode, drawNote } from './pdf-boxes.ts';
import { drawChart } from './pdf-chart.ts';
import { drawFigures } from './pdf-figures.ts';
import { FONT } from './pdf-fonts.ts';
import { linesOf } from './pdf-lines.ts';
import { lineHeight, MARGIN, SHEET, Sheet, WIDTH } from './pdf-sheet.ts';
import { drawTable } from './pdf-table.ts';
import { BODY, write } from './pdf-write.ts';
import { shownText } from './shown-text.ts';

const LEAST_CONTENTS = 3;

/** Throws PAGE_INVALID for a page whose links lead nowhere or whose ids are given twice. */
export async function renderPdf(page: Page): Promise<Uint8Array> {
  anchorsOf(page);
  const at = new Date(page.at);
  const document = new PDFDocument({
    size: [SHEET.width, SHEET.height],
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    lang: page.lang,
    displayTitle: true,
    info: {
      Title: shownText(page.title, 300),
      Creator: 'Akashi',
      Producer: 'Akashi',
      CreationDate: at,
      ModDate: at,
    },
  });
  const chunks: Uint8Array[] = [];
  document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const written = new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });
  const sheet = new Sheet(document);
  heading(sheet, page);
  facts(sheet, page.facts);
  const fillContents = contents(sheet, page.sections);
  for (const one of page.sections) section(sheet, one);
  fillContents();
  feet(sheet, page);
  document.end();
  await written;
  return Buffer.concat(chunks);
}

function heading(sheet: Sheet, page: Page): void {
  const side = 22;
  sheet.box(MARGIN.left, sheet.y, side, side, 'ink', 4);
  for (const [x, y, width, height] of BRAND_BARS)
    sheet.box(
      MARGIN.left + (x / 24) * side,
      sheet.y + (y / 24) * side,
      (width / 24) * side,
      (height / 24) * side,
      'ground',
    );
  const brand = page.eyebrow === undefined ? 'Akashi' : `Akashi · ${page.eyebrow}`;
  const [line] = linesOf(brand, sheet.fonts, WIDTH - side - 8, { size: 9, colour: 'muted', longest: 80 });
  sheet.line(line!, MARGIN.left + side + 8, sheet.y + 4.5, 9);
  sheet.y += side + 16;
  write(sheet, page.title, { size: 23, style: 'bold', longest: 300 });
  sheet.y += 2;
  if (page.subtitle !== '') write(sheet, page.subtitle, { size: 11.5, colour: 'muted', longest: 600 });
  sheet.y += 8;
  sheet.rule(MARGIN.left, sheet.y, WIDTH, 'ink', 1.6);
  sheet.y += 12;
}

/** Leaves room for the list of contents; the numbers are known, and written, when all else is. */
function contents(sheet: Sheet, sections: readonly Section[]): () => void {
  const listed = sections.filter(({ unlisted }) => !unlisted);
  if (listed.length < LEAST_CONTENTS) return () => {};
  sheet.need(40 + listed.length * 15);
  sheet.gap(8);
  write(sheet, 'Contents', { size: 8.5, style: 'bold', colour: 'muted' });
  sheet.y += 2;
  const numbers: { id: string; sheet: number; y: number }[] = [];
  for (const { id, title } of listed) {
    sheet.need(lineHeight(BODY));
    const [line] = linesOf([{ text: title, to: id }], sheet.fonts, WIDTH - 40, { size: BODY, longest: 120 });
    sheet.line(line!, MARGIN.left, sheet.y, BODY);
    numbers.push({ id, sheet: sheet.sheets - 1, y: sheet.y });
    sheet.y += lineHeight(BODY) + 1;
  }
  sheet.y += 8;
  return () => {
    for (const { id, sheet: on, y } of numbers) {
      sheet.document.switchToPage(on);
      const number = String((sheet.placed.get(id) ?? 0) + 1);
      const [line] = linesOf(number, sheet.fonts, 40, { size: BODY, colour: 'muted' });
      sheet.line(line!, MARGIN.left + WIDTH - line!.width, y, BODY);
    }
  };
}

function section(sheet: Sheet, { id, title, blocks, newSheet }: Section): void {
  if (newSheet && !sheet.isFresh) sheet.breakSheet();
  // A title stays with what follows it.
  sheet.need(leastHeight(blocks) + 60);
  sheet.gap(20);
  if (!sheet.isFresh) {
    sheet.rule(MARGIN.left, sheet.y, WIDTH);
    sheet.y += 10;
  }
  sheet.place(id);
  sheet.document.outline.addItem(shownText(title, 120));
  write(sheet, title, { size: 15, style: 'bold', longest: 300 });
  sheet.y += 4;
  for (const one of blocks) block(sheet, one);
}

/** Room without which a section had better begin on a new sheet: a short text takes what follows it along. */
function leastHeight([first, ...rest]: readonly Block[]): number {
  if (first?.kind === 'chart') return first.form === 'horizontal' ? 160 : 230;
  return first?.kind === 'text' && rest.length > 0 ? 20 + leastHeight(rest) : 60;
}

function block(sheet: Sheet, one: Block): void {
  switch (one.kind) {
    case 'text':
      sheet.gap(3);
      sheet.place(one.id);
      write(sheet, one.text, { size: BODY });
      sheet.y += 5;
      break;
    case 'heading':
      sheet.need(60);
      sheet.gap(10);
      sheet.place(one.id);
      write(sheet, one.text, { size: 11.5, style: 'bold', longest: 300 });
      sheet.y += 3;
      break;
    case 'list':
      for (const item of one.items) {
        sheet.need(lineHeight(BODY));
        sheet.words('•', FONT.regular, MARGIN.left + 3, sheet.y + lineHeight(BODY) * 0.72, BODY, 'muted');
        write(sheet, item, { size: BODY }, 14);
        sheet.y += 2;
      }
      sheet.y += 4;
      break;
    case 'facts':
      facts(sheet, one.facts);
      break;
    case 'figures':
      drawFigures(sheet, one.figures);
      break;
    case 'code':
      drawCode(sheet, one);
      break;
    case 'note':
      drawNote(sheet, one);
      break;
    case 'table':
      drawTable(sheet, one);
      break;
    case 'chart':
      drawChart(sheet, one);
      break;
    default:
      one satisfies never;
  }
}

const NAME_WIDTH = 118;

function facts(sheet: Sheet, list: readonly Fact[]): void {
  sheet.gap(2);
  for (const { name, value, id } of list) {
    const names = linesOf(name, sheet.fonts, NAME_WIDTH - 8, { size: 9, colour: 'muted', longest: 200 });
    const values = linesOf(value, sheet.fonts, WIDTH - NAME_WIDTH, { size: 9 });
    sheet.need(Math.min(Math.max(names.length, values.length), 12) * lineHeight(9));
    sheet.place(id);
    for (let at = 0; at < Math.max(names.length, values.length); at++) {
      sheet.need(lineHeight(9));
      if (at < names.length) sheet.line(names[at]!, MARGIN.left, sheet.y, 9);
      if (at < values.length) sheet.line(values[at]!, MARGIN.left + NAME_WIDTH, sheet.y, 9);
      sheet.y += lineHeight(9);
    }
    sheet.y += 2;
  }
  sheet.y += 4;
}

/** Under every sheet: where its numbers come from, and which sheet of how many it is. */
function feet(sheet: Sheet, page: Page): void {
  const y = SHEET.height - 42;
  for (let at = 0; at < sheet.sheets; at++) {
    sheet.document.switchToPage(at);
    sheet.rule(MARGIN.left, y - 6, WIDTH);
    const foot = linesOf(page.foot, sheet.fonts, WIDTH - 50, { size: 7, colour: 'muted', longest: 400 });
    for (const [row, line] of foot.slice(0, 2).entries()) sheet.line(line, MARGIN.left, y + row * 10, 7);
    const [number] = linesOf(`${at + 1} / ${sheet.sheets}`, sheet.fonts, 60, { size: 7.5, colour: 'muted' });
    sheet.line(number!, MARGIN.left + WIDTH - number!.width, y, 7.5);
    if (at === 0) continue;
    const [title] = linesOf(page.title, sheet.fonts, WIDTH, { size: 7.5, colour: 'muted', longest: 90 });
    sheet.line(title!, MARGIN.left, 30, 7.5);
  }
}
