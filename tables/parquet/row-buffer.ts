/** Rows in, one sorted Parquet file out. */

import type { Column } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import { BlobCells } from './blob-cells.ts';
import type { Cells } from './cells.ts';
import type { Effort } from './chunk-writer.ts';
import { cellsFor } from './column-cells.ts';
import { encodeFile, type ParquetFile } from './parquet-file.ts';
import { sortRows } from './sort.ts';

export type { ColumnSummary, FileChunk, FileRange, FileRowGroup, ParquetFile } from './parquet-file.ts';

/** As DuckDB's own: large enough to compress well, small enough to prune. */
const DEFAULT_ROW_GROUP_ROWS = 122_880;

/** Memory of a row beside its text, for an estimate: a cell of 4 bytes in most columns. */
const CELL_BYTES = 4;

export interface RowBufferOptions {
  /** Rows in a row group, at most. */
  readonly rowGroupRows?: number;
  /** All of about one size, rather than a last one of a few rows, which costs as much to open. */
  readonly evenGroups?: boolean;
  /** How much work compressing may take; `fast` by default. */
  readonly effort?: Effort;
  /** Text columns whose chunks get a bloom filter. */
  readonly bloomColumns?: readonly string[];
  /** Only where values are kept as a dictionary, which costs next to nothing. */
  readonly bloomDictionariesOnly?: boolean;
  /** Text columns whose values' fingerprints are given out with the file, and the number of each one's kind. */
  readonly needleColumns?: ReadonlyMap<string, number>;
  /** Iceberg field id of a column (`time`, `targets`) or a list's element (`targets.element`). */
  readonly fieldId?: (path: string) => number | undefined;
}

export interface FinishOptions {
  /** Columns to sort by, ascending, nulls last, text by its UTF-8 bytes; ties keep the order of arrival. */
  readonly sortBy?: readonly string[];
  /** Written to the file's metadata in this order. */
  readonly keyValue?: Readonly<Record<string, string>>;
}

/** Collects rows of one table column by column; `finish` makes them a file and starts anew. */
export class RowBuffer {
  readonly #columns: readonly Column[];
  readonly #options: RowBufferOptions;
  readonly #names: readonly string[];
  readonly #cells: readonly Cells[];
  /** Where `exactRaw` goes, and its index among the columns; null and -1 for tables without `raw`. */
  readonly #raw: BlobCells | null;
  readonly #rawIndex: number;
  #rows = 0;

  constructor(columns: readonly Column[], options: RowBufferOptions = {}) {
    this.#columns = columns;
    this.#options = options;
    this.#names = columns.map(({ name }) => name);
    const chunks = options.bloomDictionariesOnly === true ? 'dictionaries' : 'all';
    const blooms = { columns: options.bloomColumns ?? [], chunks } as const;
    const needles = options.needleColumns ?? new Map<string, number>();
    this.#cells = columns.map((column) => cellsFor(column, blooms, needles));
    const rawIndex = this.#names.indexOf('raw');
    const raw = this.#cells[rawIndex];
    this.#raw = raw instanceof BlobCells ? raw : null;
    this.#rawIndex = this.#raw === null ? -1 : rawIndex;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Approximate memory held by the rows, bytes. */
  get bytes(): number {
    let bytes = this.#rows * this.#cells.length * CELL_BYTES;
    for (const cells of this.#cells) bytes += cells.bytes;
    return bytes;
  }

  /**
   * Adds a row. `exactRaw`, if given, is the value of the column `raw` as UTF-8 (not checked) and is copied. Cells of a
   * wrong type are converted to text in text columns and null elsewhere; properties that are no columns are ignored.
   */
  add(row: Readonly<Record<string, unknown>>, exactRaw: Uint8Array | null): void {
    const at = this.#rows;
    const names = this.#names;
    const cells = this.#cells;
    const skip = exactRaw === null ? -1 : this.#rawIndex;
    let index = 0;
    // Rows in catalogue order, which all should be, are read by `for … in`: three times as fast as reading by name.
    for (const name in row) {
      if (name !== names[index]) break;
      const value = row[name];
      if (value !== null && value !== undefined && index !== skip) cells[index]!.put(at, value);
      index++;
    }
    for (; index < names.length; index++) {
      const value = row[names[index]!];
      if (value !== null && value !== undefined && index !== skip) cells[index]!.put(at, value);
    }
    if (exactRaw !== null) this.#raw?.putBytes(at, exactRaw);
    this.#rows = at + 1;
  }

  /** Encodes the rows and forgets them; null when there are none. Equal rows in equal order give equal bytes. */
  finish(options: FinishOptions = {}): ParquetFile | null {
    if (this.#rows === 0) return null;
    const sortedBy = (options.sortBy ?? []).map((name) => this.#indexOf(name));
    const keys = sortedBy.map((index) => this.#cells[index]!);
    const file = encodeFile({
      columns: this.#columns,
      cells: this.#cells,
      order: sortRows(this.#rows, keys),
      effort: this.#options.effort ?? 'fast',
      rowGroupRows: this.#options.rowGroupRows ?? DEFAULT_ROW_GROUP_ROWS,
      evenGroups: this.#options.evenGroups ?? false,
      sortedBy,
      fieldId: this.#options.fieldId,
      keyValue: options.keyValue ?? {},
    });
    for (const cells of this.#cells) cells.reset();
    this.#rows = 0;
    return file;
  }

  #indexOf(name: string): number {
    const index = this.#names.indexOf(name);
    if (index >= 0) return index;
    throw new AkashiError(
      'UNKNOWN_COLUMN',
      `Cannot sort by '${name}': the table's columns are ${this.#names.join(', ')}.`,
    );
  }
}
