/**
 * A page as PDF: A4, Japanese included, charts as vectors, contents with page numbers, links within. The document carries the
 * page's instant where others carry the clock, so the same page gives the same bytes.
 */

import PDFDocument from 'pdfkit';
import { anchorsOf } from './anchors.ts';
import { BRAND_BARS } from './brand.ts';
import type { Block, Fact, Figure, Inline, Page, Section } from './page.ts';
import { drawChart } from './pdf-chart.ts';
import { FONT } from './pdf-fonts.ts';
import { type Line, linesOf, type TextLook } from './pdf-lines.ts';
import { lineHeight, MARGIN, SHEET, Sheet, WIDTH } from './pdf-sheet.ts';
import { drawTable } from './pdf-table.ts';
import { LONGEST_CODE, shownText } from './shown-text.ts';

const BODY = 9.5;
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

const write = (sheet: Sheet, text: Inline, look: TextLook, x = 0): void =>
  sheet.flow(linesOf(text, sheet.fonts, WIDTH - x, look), MARGIN.left + x, look.size);

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
      figures(sheet, one.figures);
      break;
    case 'code':
      code(sheet, one);
      break;
    case 'note':
      note(sheet, one);
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

const TILE = { pad: 9, gap: 7, most: 5, name: 8, value: 15, leastValue: 9 } as const;

interface Tile {
  readonly names: readonly Line[];
  readonly value: readonly Line[];
  readonly size: number;
  readonly changes: readonly Line[];
  readonly to: string | undefined;
}

function figures(sheet: Sheet, list: readonly Figure[]): void {
  const rows = Math.ceil(list.length / TILE.most);
  const perRow = Math.ceil(list.length / rows);
  const width = (WIDTH - TILE.gap * (perRow - 1)) / perRow;
  for (let at = 0; at < list.length; at += perRow) {
    const tiles = list.slice(at, at + perRow).map((one) => tileOf(sheet, one, width - 2 * TILE.pad));
    const lines = (of: 'names' | 'changes') => Math.max(...tiles.map((tile) => tile[of].length));
    const top = TILE.pad + lines('names') * lineHeight(TILE.name);
    const middle = top + lineHeight(TILE.value);
    const height = middle + lines('changes') * lineHeight(TILE.name) + TILE.pad;
    sheet.need(height + TILE.gap);
    for (const [column, tile] of tiles.entries()) {
      const x = MARGIN.left + column * (width + TILE.gap);
      const { y } = sheet;
      sheet.box(x, y, width, height, 'panel', 4);
      sheet.frame(x, y, width, height, 4);
      const put = (all: readonly Line[], from: number, size: number): void => {
        for (const [row, line] of all.entries())
          sheet.line(line, x + TILE.pad, y + from + row * lineHeight(size), size);
      };
      put(tile.names, TILE.pad, TILE.name);
      put(tile.value, top + (TILE.value - tile.size) / 2, tile.size);
      put(tile.changes, middle, TILE.name);
      if (tile.to !== undefined) sheet.document.goTo(x, y, width, height, tile.to);
    }
    sheet.y += height + TILE.gap;
  }
  sheet.y += 2;
}

/** The number is set as large as there is room for; what is said about it takes a second line rather than lose words. */
function tileOf({ fonts }: Sheet, { name, value, to, change, tone }: Figure, room: number): Tile {
  const least = fonts.width(shownText(value, 60), 'bold');
  const size = Math.max(TILE.leastValue, Math.min(TILE.value, Math.floor((room / least) * 2) / 2));
  const colour = tone === undefined || tone === 'plain' ? 'muted' : tone;
  const small = { size: TILE.name, longest: 90 };
  return {
    names: linesOf(name, fonts, room, { ...small, colour: 'muted' }).slice(0, 3),
    value: linesOf([{ text: value, strong: true }], fonts, room, { size, longest: 60 }).slice(0, 1),
    size,
    changes: change === undefined ? [] : linesOf(change, fonts, room, { ...small, colour }).slice(0, 3),
    to,
  };
}

function code(sheet: Sheet, { text, caption, id }: Block & { kind: 'code' }): void {
  const size = 7.6;
  const height = lineHeight(size);
  const shown = text.length > LONGEST_CODE ? text.slice(0, LONGEST_CODE) : text;
  const lines = shown.split('\n').flatMap((line) =>
    linesOf(line.replaceAll('\t', '  '), sheet.fonts, WIDTH - 20, {
      size,
      style: 'mono',
      longest: LONGEST_CODE,
    }),
  );
  if (shown !== text)
    lines.push(
      ...linesOf(
        `… [cut; ${text.length.toLocaleString('en-US')} characters in all]`,
        sheet.fonts,
        WIDTH - 20,
        { size, colour: 'warn' },
      ),
    );
  sheet.need(Math.min(lines.length, 6) * height + 30);
  sheet.gap(4);
  if (caption !== undefined)
    write(sheet, caption, { size: 8.5, style: 'bold', colour: 'muted', longest: 300 });
  sheet.place(id);
  for (let at = 0; at < lines.length; ) {
    const fit = Math.max(1, Math.floor((sheet.room - 12) / height));
    const part = lines.slice(at, at + fit);
    sheet.box(MARGIN.left, sheet.y, WIDTH, part.length * height + 12, 'panel', 4);
    sheet.y += 6;
    for (const line of part) {
      sheet.line(line, MARGIN.left + 10, sheet.y, size);
      sheet.y += height;
    }
    sheet.y += 6;
    at += part.length;
    if (at < lines.length) sheet.breakSheet();
  }
  sheet.y += 6;
}

function note(sheet: Sheet, { tone, title, text, id }: Block & { kind: 'note' }): void {
  const inner = WIDTH - 26;
  const colour = tone === 'plain' ? 'quiet' : tone;
  const titles = linesOf(title, sheet.fonts, inner, { size: BODY, style: 'bold', colour, longest: 300 });
  const texts = linesOf(text, sheet.fonts, inner, { size: 9 });
  const height = titles.length * lineHeight(BODY) + texts.length * lineHeight(9) + 14;
  sheet.need(height + 8);
  sheet.gap(5);
  sheet.place(id);
  // One that is higher than a sheet has no ground: it would end with the sheet.
  const fits = height <= sheet.room;
  if (fits) sheet.box(MARGIN.left, sheet.y, WIDTH, height, `${colour}-ground`);
  if (fits) sheet.box(MARGIN.left, sheet.y, 3, height, colour);
  sheet.y += 7;
  sheet.flow(titles, MARGIN.left + 14, BODY);
  sheet.flow(texts, MARGIN.left + 14, 9);
  sheet.y += 14;
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
