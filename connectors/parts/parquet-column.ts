/** Reads one column of a row group value by value, holding one page at a time. */

import { decompressPage, MAX_PAGE_BYTES } from './parquet-codec.ts';
import {
  type ParquetValue,
  readDeltaLengths,
  readDeltas,
  readDeltaTexts,
  readPlain,
  readRuns,
  readSplitStreams,
} from './parquet-encoding.ts';
import type { ParquetChunk, ParquetColumn } from './parquet-footer.ts';
import { readStruct, type ThriftStruct } from './parquet-thrift.ts';

/** Most values of one page; writers put some ten thousand into one. */
const MAX_PAGE_VALUES = 4_000_000;

const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

const EMPTY = new Map() as ThriftStruct;
const NO_LEVELS = new Uint32Array(0);

/** Most values that one row may have in one column. */
const MAX_ROW_VALUES = 1_000_000;

/** What a row says of a nested column: one entry for each value or absence. */
export interface LeafRow {
  readonly repetitions: number[];
  readonly definitions: number[];
  /** One for each entry that is fully defined, null for the others. */
  readonly values: (ParquetValue | null)[];
}

/** Bits that a level of this size takes. */
const bitsOf = (level: number): number => 32 - Math.clz32(level);

export class ColumnCursor {
  readonly #column: ParquetColumn;
  readonly #codec: number;
  readonly #pages: Buffer;
  #at = 0;
  #dictionary: readonly ParquetValue[] = [];
  #values: readonly ParquetValue[] = [];
  #next = 0;
  /** 1 where the row has a value; null when all of the page's rows have. */
  #defined: Uint32Array | null = null;
  #row = 0;
  #rows = 0;

  /** Rows of the group that no page has held so far: no page may hold more. */
  #rest: number;
  readonly #budget: { take(bytes: number): void };
  /** Of nested columns, the levels of each value of the page. */
  #definitions: Uint32Array = NO_LEVELS;
  #repetitions: Uint32Array = NO_LEVELS;

  constructor(
    body: Buffer,
    column: ParquetColumn,
    chunk: ParquetChunk,
    rows: number,
    budget: { take(bytes: number): void },
  ) {
    this.#rest = rows;
    this.#budget = budget;
    this.#column = column;
    this.#codec = chunk.codec;
    this.#pages = body.subarray(chunk.start, chunk.start + chunk.length);
  }

  /** The next row's value, null where it has none. Throws an Error where the column cannot be read on. */
  next(): ParquetValue | null {
    while (this.#row >= this.#rows) this.#readPage();
    const defined = this.#defined === null || this.#defined[this.#row] === 1;
    this.#row++;
    if (!defined) return null;
    const value = this.#values[this.#next++];
    if (value === undefined) throw new Error(`${this.#column.name}: fewer values than rows`);
    return value;
  }

  /** The next row of a nested column. Throws likewise. */
  nextRow(): LeafRow {
    const row: LeafRow = { repetitions: [], definitions: [], values: [] };
    for (;;) {
      while (this.#row >= this.#rows) {
        if (this.#at >= this.#pages.length && row.definitions.length > 0) return row;
        this.#readPage();
      }
      const repetition = this.#repetitions[this.#row] ?? 0;
      if (repetition === 0 && row.definitions.length > 0) return row;
      if (row.definitions.length >= MAX_ROW_VALUES)
        throw new Error(`${this.#column.name}: a row of more than ${MAX_ROW_VALUES} values`);
      const definition = this.#definitions[this.#row] ?? 0;
      this.#row++;
      row.repetitions.push(repetition);
      row.definitions.push(definition);
      if (definition < this.#column.maxDefinition) {
        row.values.push(null);
        continue;
      }
      const value = this.#values[this.#next++];
      if (value === undefined) throw new Error(`${this.#column.name}: fewer values than rows`);
      row.values.push(value);
    }
  }

  #readPage(): void {
    if (this.#at >= this.#pages.length)
      throw new Error(`${this.#column.name}: fewer rows than the row group has`);
    const { value: header, end } = readStruct(this.#pages, this.#at);
    const size = numberIn(header, 2);
    const compressed = numberIn(header, 3);
    const stop = end + compressed;
    if (stop > this.#pages.length) throw new Error(`${this.#column.name}: a page is cut short`);
    const bytes = this.#pages.subarray(end, stop);
    this.#at = stop;
    this.#budget.take(size);
    switch (header.get(1)) {
      case DICTIONARY_PAGE: {
        const count = numberIn(structIn(header, 7), 1);
        const page = decompressPage(bytes, this.#codec, size);
        this.#dictionary = readPlain(page, this.#column.type, this.#column.width, count);
        break;
      }
      case DATA_PAGE:
        this.#readData(structIn(header, 5), decompressPage(bytes, this.#codec, size));
        break;
      case DATA_PAGE_V2:
        this.#readDataV2(structIn(header, 8), bytes, size);
        break;
      default:
      // An index page says nothing that is needed.
    }
  }

  #readData(header: ThriftStruct, page: Buffer): void {
    const rows = this.#rowsIn(header);
    let at = 0;
    const levelsIn = (most: number): Uint32Array | null => {
      if (most === 0) return null;
      if (page.length < at + 4) throw new Error(`${this.#column.name}: a page is cut short`);
      const length = page.readUInt32LE(at);
      const levels = readRuns(page.subarray(at + 4, at + 4 + length), bitsOf(most), rows);
      at += 4 + length;
      return levels;
    };
    const repetitions = levelsIn(this.#column.maxRepetition);
    const definitions = levelsIn(this.#column.maxDefinition);
    this.#setPage(rows, repetitions, definitions, page.subarray(at), numberIn(header, 2));
  }

  /** Levels stand before the compressed part. */
  #readDataV2(header: ThriftStruct, bytes: Buffer, size: number): void {
    const rows = this.#rowsIn(header);
    const { maxDefinition, maxRepetition } = this.#column;
    const repeats = numberIn(header, 6);
    const before = repeats + numberIn(header, 5);
    const repetitions =
      maxRepetition === 0 ? null : readRuns(bytes.subarray(0, repeats), bitsOf(maxRepetition), rows);
    const definitions =
      maxDefinition === 0 ? null : readRuns(bytes.subarray(repeats, before), bitsOf(maxDefinition), rows);
    const codec = header.get(7) === false ? 0 : this.#codec;
    this.#setPage(
      rows,
      repetitions,
      definitions,
      decompressPage(bytes.subarray(before), codec, size - before),
      numberIn(header, 4),
    );
  }

  #rowsIn(header: ThriftStruct): number {
    const rows = numberIn(header, 1);
    // A repeated column may have more values than the group has rows, each of which costs.
    if (this.#column.maxRepetition > 0) this.#budget.take(rows);
    else if (rows > this.#rest) throw new Error(`${this.#column.name}: a page of ${rows} rows`);
    if (rows > MAX_PAGE_VALUES) throw new Error(`${this.#column.name}: a page of ${rows} values`);
    this.#rest -= rows;
    return rows;
  }

  #setPage(
    rows: number,
    repetitions: Uint32Array | null,
    definitions: Uint32Array | null,
    data: Buffer,
    encoding: number,
  ): void {
    const { maxDefinition } = this.#column;
    let count = rows;
    if (definitions !== null) {
      count = 0;
      for (const level of definitions) if (level === maxDefinition) count++;
    }
    this.#values = this.#decode(data, encoding, count);
    this.#repetitions = repetitions ?? NO_LEVELS;
    this.#definitions = definitions ?? NO_LEVELS;
    this.#defined = count === rows ? null : definitions;
    this.#next = 0;
    this.#row = 0;
    this.#rows = rows;
  }

  /** Numbers as in https://github.com/apache/parquet-format/blob/master/Encodings.md */
  #decode(data: Buffer, encoding: number, count: number): readonly ParquetValue[] {
    const { type, width, name } = this.#column;
    switch (encoding) {
      case 0:
        return readPlain(data, type, width, count);
      case 2:
      case 8: {
        if (count === 0) return [];
        const indexes = readRuns(data.subarray(1), data[0] ?? 0, count);
        return Array.from(indexes, (index) => {
          const value = this.#dictionary[index];
          if (value === undefined) throw new Error(`${name}: a value that the dictionary lacks`);
          return value;
        });
      }
      case 3: {
        if (type !== 0 || data.length < 4) throw new Error(`${name}: runs of what is no boolean`);
        return Array.from(readRuns(data.subarray(4), 1, count), (bit) => bit === 1);
      }
      case 5:
        return readDeltas(data, type, count).values;
      case 6:
        return readDeltaLengths(data, count).map((bytes) => bytes.toString('utf8'));
      case 7:
        return readDeltaTexts(data, count, MAX_PAGE_BYTES).map((bytes) => bytes.toString('utf8'));
      case 9:
        return readSplitStreams(data, type, width, count);
      default:
        throw new Error(`${name}: the encoding ${encoding} is not known`);
    }
  }
}

function structIn(struct: ThriftStruct, field: number): ThriftStruct {
  const value = struct.get(field);
  return value instanceof Map ? (value as ThriftStruct) : EMPTY;
}

function numberIn(struct: ThriftStruct, field: number): number {
  const value = struct.get(field);
  if (typeof value !== 'number' || value < 0 || !Number.isSafeInteger(value)) {
    throw new Error('a page header without a number it must have');
  }
  return value;
}
