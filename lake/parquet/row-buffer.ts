/** Rows in, one sorted Parquet file out. */

import { createHash } from 'node:crypto';
import type { Column } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import { BoolCells } from './bool-cells.ts';
import { type BoundValue, compareBounds } from './bounds.ts';
import type { Cells, ChunkFacts, TextLayout } from './cells.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { encodeFooter, type FooterRowGroup } from './footer.ts';
import { MAGIC } from './format.ts';
import { ListCells } from './list-cells.ts';
import { NumberCells } from './number-cells.ts';
import { sortRows } from './sort.ts';
import { TextCells } from './text-cells.ts';

/** As DuckDB's own: large enough to compress well, small enough to prune. */
const DEFAULT_ROW_GROUP_ROWS = 122_880;

/** Memory of a row beside its text, for an estimate: a cell of 4 bytes in most columns. */
const CELL_BYTES = 4;

export interface RowBufferOptions {
  /** Rows in a row group, at most. */
  readonly rowGroupRows?: number;
  /** Iceberg field id of a column (`time`, `targets`) or a list's element (`targets.element`). */
  readonly fieldId?: (path: string) => number | undefined;
}

export interface FinishOptions {
  /** Columns to sort by, ascending, nulls last, text by its UTF-8 bytes; ties keep the order of arrival. */
  readonly sortBy?: readonly string[];
  /** Written to the file's metadata in this order. */
  readonly keyValue?: Readonly<Record<string, string>>;
}

export interface FileRange {
  /** Of the first byte, from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** Of the bytes, hex. */
  readonly sha256: string;
}

/** What is known of a column, in a chunk or over the file. */
export interface ColumnSummary {
  readonly nulls: number;
  /** No value is less; text is cut to 64 bytes. Null when there are no values, or no bounds are kept. */
  readonly min: BoundValue | null;
  /** No value is greater; text is cut to 64 bytes and raised. */
  readonly max: BoundValue | null;
}

export interface FileChunk extends FileRange, ColumnSummary {
  readonly column: string;
  /** Values with nulls; more or fewer than rows for lists. */
  readonly values: number;
  /** Different values, where the column was kept as a dictionary. */
  readonly distinct?: number;
}

export interface FileRowGroup {
  readonly rows: number;
  /** One per column, in catalogue order. */
  readonly chunks: readonly FileChunk[];
}

/** A finished file. Four bytes of magic, the chunks and the footer follow one another without gap. */
export interface ParquetFile {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rowGroups: readonly FileRowGroup[];
  /** Everything after the last chunk: metadata, its length, magic. */
  readonly footer: FileRange;
  readonly columns: Readonly<Record<string, ColumnSummary>>;
}

/** Collects rows of one table column by column; `finish` makes them a file and starts anew. */
export class RowBuffer {
  readonly #columns: readonly Column[];
  readonly #options: RowBufferOptions;
  readonly #names: readonly string[];
  readonly #cells: readonly Cells[];
  /** Where `exactRaw` goes, and its index among the columns; -1 for tables without `raw`. */
  readonly #raw: TextCells | null;
  readonly #rawIndex: number;
  #rows = 0;

  constructor(columns: readonly Column[], options: RowBufferOptions = {}) {
    this.#columns = columns;
    this.#options = options;
    this.#names = columns.map(({ name }) => name);
    this.#cells = columns.map(cellsFor);
    this.#rawIndex = this.#names.indexOf('raw');
    const raw = this.#cells[this.#rawIndex];
    this.#raw = raw instanceof TextCells ? raw : null;
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
    const skip = exactRaw === null || this.#raw === null ? -1 : this.#rawIndex;
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
    const order = sortRows(
      this.#rows,
      sortedBy.map((index) => this.#cells[index]!),
    );
    const file = this.#encode(order, sortedBy, options.keyValue ?? {});
    for (const cells of this.#cells) cells.reset();
    this.#rows = 0;
    return file;
  }

  #encode(
    order: Uint32Array,
    sortedBy: readonly number[],
    keyValue: Readonly<Record<string, string>>,
  ): ParquetFile {
    const pieces: Uint8Array[] = [MAGIC];
    let offset = MAGIC.length;
    const groups: FooterRowGroup[] = [];
    const step = this.#options.rowGroupRows ?? DEFAULT_ROW_GROUP_ROWS;
    for (let from = 0; from < order.length; from += step) {
      const rows = order.subarray(from, from + step);
      const chunks = this.#cells.map((cells) => {
        const writer = new ChunkWriter();
        const facts = cells.write(rows, writer);
        const encoded = writer.finish();
        pieces.push(...encoded.pieces);
        const chunk = { encoded, facts, offset, bloom: null };
        offset += encoded.length;
        return chunk;
      });
      groups.push({ rows: rows.length, chunks });
    }
    const footer = encodeFooter({
      columns: this.#columns,
      fieldId: this.#options.fieldId,
      rows: order.length,
      rowGroups: groups,
      sortedBy,
      keyValue,
    });
    pieces.push(footer);
    return {
      bytes: Buffer.concat(pieces),
      rows: order.length,
      rowGroups: groups.map((group) => this.#describe(group)),
      footer: {
        offset,
        length: footer.length,
        sha256: createHash('sha256').update(footer).digest('hex'),
      },
      columns: Object.fromEntries(
        this.#names.map((name, index) => [
          name,
          summarise(groups.map((group) => group.chunks[index]!.facts)),
        ]),
      ),
    };
  }

  #describe({ rows, chunks }: FooterRowGroup): FileRowGroup {
    return {
      rows,
      chunks: chunks.map(({ encoded, facts, offset }, index) => ({
        column: this.#names[index]!,
        offset,
        length: encoded.length,
        sha256: encoded.sha256,
        values: facts.values,
        ...summarise([facts]),
        ...(facts.distinct === null ? {} : { distinct: facts.distinct }),
      })),
    };
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

function cellsFor(column: Column): Cells {
  switch (column.type) {
    case 'string':
    case 'json':
      return new TextCells(textLayout(column));
    case 'time':
    case 'long':
      return new NumberCells(64);
    case 'int':
      return new NumberCells(32);
    case 'bool':
      return new BoolCells();
    case 'strings':
      return new ListCells(textLayout(column));
    default:
      return column.type satisfies never;
  }
}

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

/** Nobody asks for a range of whole documents, so they carry no bounds. */
function textLayout({ name, type }: Column): TextLayout {
  return { unique: UNIQUE_COLUMNS.has(name), bounds: type !== 'json' && name !== 'raw' };
}

function summarise(chunks: readonly ChunkFacts[]): ColumnSummary {
  let nulls = 0;
  let { min, max } = chunks.find((chunk) => chunk.min !== null) ?? { min: null, max: null };
  for (const chunk of chunks) {
    nulls += chunk.nulls;
    if (chunk.min && min && compareBounds(chunk.min, min) < 0) min = chunk.min;
    // A chunk with values but no upper bound leaves the whole without one.
    if (chunk.min && !chunk.max) max = null;
    else if (chunk.max && max && compareBounds(chunk.max, max) > 0) max = chunk.max;
  }
  return { nulls, min: min?.value ?? null, max: max?.value ?? null };
}
