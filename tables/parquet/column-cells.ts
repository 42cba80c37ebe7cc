/** Which kind of cells each column of the catalogue is kept in. */

import type { Column } from '../../schema/columns.ts';
import { BlobCells } from './blob-cells.ts';
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
  'locator',
  'identity',
  'sha256',
  'origin',
]);

export function cellsFor(column: Column, blooms: Blooms, needles: ReadonlyMap<string, number>): Cells {
  switch (column.type) {
    case 'string':
    case 'json':
      return column.name === 'raw' ? new BlobCells() : new TextCells(textLayout(column, blooms, needles));
    case 'time':
    case 'long':
      return new NumberCells(64);
    case 'int':
      return new NumberCells(32);
    case 'bool':
      return new BoolCells();
    case 'strings':
      return new ListCells(textLayout(column, blooms, needles));
    default:
      return column.type satisfies never;
  }
}

/** Columns with bloom filters, and which of their chunks get one. */
export interface Blooms {
  readonly columns: readonly string[];
  readonly chunks: 'dictionaries' | 'all';
}

function textLayout(
  { name, type }: Column,
  { columns, chunks }: Blooms,
  needles: ReadonlyMap<string, number>,
): TextLayout {
  return {
    unique: UNIQUE_COLUMNS.has(name),
    // Nobody asks for a range of whole documents.
    bounds: type !== 'json',
    bloom: columns.includes(name) ? chunks : 'none',
    needle: needles.get(name) ?? null,
  };
}
