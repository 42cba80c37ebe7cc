/** Which kind of cells each column of the catalogue is kept in. */

import type { Column } from '../../schema/columns.ts';
import { BoolCells } from './bool-cells.ts';
import type { Cells, TextLayout } from './cells.ts';
import { ListCells } from './list-cells.ts';
import { NumberCells } from './number-cells.ts';
import { TextCells } from './text-cells.ts';

/** Columns whose values seldom repeat: looking for equal ones would only cost. */
const UNIQUE_COLUMNS: ReadonlySet<string> = new Set([
  'uid',
  'request_id',
  'request',
  'response',
  'raw',
  'locator',
  'identity',
  'sha256',
  'origin',
]);

export function cellsFor(
  column: Column,
  bloomColumns: readonly string[],
  needles: ReadonlyMap<string, number>,
): Cells {
  switch (column.type) {
    case 'string':
    case 'json':
      return new TextCells(textLayout(column, bloomColumns, needles));
    case 'time':
    case 'long':
      return new NumberCells(64);
    case 'int':
      return new NumberCells(32);
    case 'bool':
      return new BoolCells();
    case 'strings':
      return new ListCells(textLayout(column, bloomColumns, needles));
    default:
      return column.type satisfies never;
  }
}

function textLayout(
  { name, type }: Column,
  bloomColumns: readonly string[],
  needles: ReadonlyMap<string, number>,
): TextLayout {
  return {
    unique: UNIQUE_COLUMNS.has(name),
    // Nobody asks for a range of whole documents.
    bounds: type !== 'json' && name !== 'raw',
    bloom: bloomColumns.includes(name),
    needle: needles.get(name) ?? null,
  };
}
