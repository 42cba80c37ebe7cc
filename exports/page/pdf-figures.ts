/** Numbers to see first, as tiles. */

import type { Figure } from './page.ts';
import { type Line, linesOf } from './pdf-lines.ts';
import { lineHeight, MARGIN, type Sheet, WIDTH } from './pdf-sheet.ts';
import { shownText } from './shown-text.ts';

const TILE = { pad: 9, gap: 7, most: 5, name: 8, value: 15, leastValue: 9 } as const;

interface Tile {
  readonly names: readonly Line[];
  readonly value: readonly Line[];
  readonly size: number;
  readonly changes: readonly Line[];
  readonly to: string | undefined;
}

/** Tiles in rows of equal height. */
export function drawFigures(sheet: Sheet, list: readonly Figure[]): void {
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
