/** Tables that break over sheets: heads are repeated, and a row higher than a sheet goes on at the next. */

import { plainText, type Table, type TableColumn, type TableRow } from './page.ts';
import { type Line, linesOf } from './pdf-lines.ts';
import { lineHeight, MARGIN, type Sheet, WIDTH } from './pdf-sheet.ts';
import { LONGEST_CELL } from './shown-text.ts';

const SIZE = 8;
const HEAD_SIZE = 7.5;
const PAD = { x: 5, y: 3 } as const;
/** Rows whose contents settle the widths; those of later ones are broken to fit. */
const MEASURED_ROWS = 400;
/** No column is narrower than this. */
const LEAST_WIDTH = 30;
/** What one cell asks for at most when widths are settled. */
const MOST_WISH = 220;

interface Laid {
  readonly column: TableColumn;
  readonly x: number;
  readonly width: number;
}

export function drawTable(sheet: Sheet, table: Table): void {
  const columns = layColumns(sheet, table);
  const heads = columns.map(({ column, width }) =>
    linesOf(column.title, sheet.fonts, width - 2 * PAD.x, {
      size: HEAD_SIZE,
      style: 'bold',
      colour: 'muted',
      longest: 200,
    }),
  );
  const headHeight = Math.max(...heads.map(({ length }) => length)) * lineHeight(HEAD_SIZE) + 2 * PAD.y;
  sheet.need(headHeight + 4 * lineHeight(SIZE) + (table.caption === undefined ? 0 : 20));
  sheet.gap(8);
  if (table.caption !== undefined) {
    sheet.flow(linesOf(table.caption, sheet.fonts, WIDTH, { size: 9.5, style: 'bold' }), MARGIN.left, 9.5);
    sheet.y += 3;
  }
  const head = () => {
    sheet.box(MARGIN.left, sheet.y, WIDTH, headHeight, 'panel');
    drawCells(sheet, columns, heads, sheet.y + PAD.y, HEAD_SIZE, 0, Number.POSITIVE_INFINITY);
    sheet.y += headHeight;
    sheet.rule(MARGIN.left, sheet.y, WIDTH, 'muted', 0.6);
  };
  head();
  if (table.rows.length === 0) {
    sheet.y += PAD.y;
    sheet.flow(
      linesOf(table.empty ?? 'None.', sheet.fonts, WIDTH - 2 * PAD.x, { size: SIZE, colour: 'muted' }),
      MARGIN.left + PAD.x,
      SIZE,
    );
    sheet.y += PAD.y;
  }
  for (const row of table.rows) drawRow(sheet, row, columns, head);
  sheet.rule(MARGIN.left, sheet.y, WIDTH, 'line');
  sheet.y += 8;
}

function drawRow(sheet: Sheet, row: TableRow, columns: readonly Laid[], head: () => void): void {
  const cells = columns.map(({ column, width }, at) =>
    linesOf(row.cells[at] ?? '', sheet.fonts, width - 2 * PAD.x, {
      size: SIZE,
      longest: LONGEST_CELL,
      ...(column.mono ? { style: 'mono' } : {}),
    }),
  );
  const height = lineHeight(SIZE);
  const most = Math.max(...cells.map(({ length }) => length));
  const whole = most * height + 2 * PAD.y;
  // A row that fits on a sheet is not broken.
  if (sheet.room < Math.min(whole, 300)) {
    sheet.breakSheet();
    head();
  }
  sheet.place(row.id);
  for (let from = 0; from < most; ) {
    const fit = Math.max(1, Math.floor((sheet.room - 2 * PAD.y) / height));
    const to = Math.min(most, from + fit);
    const part = (to - from) * height + 2 * PAD.y;
    if (row.tone !== undefined && row.tone !== 'plain') sheet.box(MARGIN.left, sheet.y, 2, part, row.tone);
    drawCells(sheet, columns, cells, sheet.y + PAD.y, SIZE, from, to);
    sheet.y += part;
    from = to;
    if (from < most) {
      sheet.breakSheet();
      head();
    }
  }
  sheet.rule(MARGIN.left, sheet.y, WIDTH, 'line', 0.4);
}

/** Lines `from` to `to` of every cell. */
function drawCells(
  sheet: Sheet,
  columns: readonly Laid[],
  cells: readonly (readonly Line[])[],
  y: number,
  size: number,
  from: number,
  to: number,
): void {
  for (const [at, { column, x, width }] of columns.entries())
    for (const [row, line] of cells[at]!.slice(from, to).entries()) {
      const left = column.align === 'right' ? x + width - PAD.x - line.width : x + PAD.x;
      sheet.line(line, left, y + row * lineHeight(size), size);
    }
}

/** Columns get what they ask for where all fit, else those that ask for little get it and the others share by their hints. */
function layColumns(sheet: Sheet, { columns, rows }: Table): Laid[] {
  const wishes = columns.map((column, at) => wish(sheet, column, at, rows));
  const shares = columns.map(({ width = 1 }, at) => width * Math.sqrt(wishes[at]!));
  const widths = new Array<number>(columns.length).fill(0);
  let open = columns.map((_, at) => at);
  let room = WIDTH;
  for (let settled = true; settled && open.length > 0; ) {
    const all = open.reduce((sum, at) => sum + shares[at]!, 0);
    const modest = open.filter((at) => wishes[at]! <= (room * shares[at]!) / all);
    settled = modest.length > 0 && modest.length < open.length;
    if (!settled) break;
    for (const at of modest) {
      widths[at] = wishes[at]!;
      room -= wishes[at]!;
    }
    open = open.filter((at) => !modest.includes(at));
  }
  const all = open.reduce((sum, at) => sum + shares[at]!, 0);
  const wished = open.reduce((sum, at) => sum + wishes[at]!, 0);
  for (const at of open)
    widths[at] =
      wished <= room ? (room * wishes[at]!) / wished : Math.max(LEAST_WIDTH, (room * shares[at]!) / all);
  const scale = WIDTH / widths.reduce((sum, width) => sum + width, 0);
  let x: number = MARGIN.left;
  return columns.map((column, at) => {
    const laid = { column, x, width: widths[at]! * scale };
    x += laid.width;
    return laid;
  });
}

function wish(sheet: Sheet, column: TableColumn, at: number, rows: readonly TableRow[]): number {
  const { fonts } = sheet;
  let widest = Math.max(
    ...column.title.split(' ').map((word) => fonts.width(word.slice(0, 40), 'bold') * HEAD_SIZE),
  );
  const style = column.mono ? 'mono' : 'regular';
  for (const { cells } of rows.slice(0, MEASURED_ROWS))
    widest = Math.max(widest, fonts.width(plainText(cells[at] ?? '').slice(0, 60), style) * SIZE * 1.04);
  return Math.min(MOST_WISH, Math.max(LEAST_WIDTH, widest + 2 * PAD.x + 1));
}
