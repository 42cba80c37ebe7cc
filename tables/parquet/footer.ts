/** The file metadata at the end of a Parquet file. */

import type { Column, ColumnType } from '../../schema/columns.ts';
import type { ChunkFacts } from './cells.ts';
import type { EncodedChunk } from './chunk-writer.ts';
import {
  CONVERTED,
  ENCODING,
  LOGICAL,
  MAGIC,
  PAGE,
  PHYSICAL,
  type Physical,
  REPETITION,
  TIME_UNIT_MICROS,
} from './format.ts';
import { ThriftWriter } from './thrift.ts';
import { CREATED_BY } from './version.ts';

export interface FooterChunk {
  readonly encoded: EncodedChunk;
  readonly facts: ChunkFacts;
  /** Offset of the chunk's first byte in the file. */
  readonly offset: number;
  readonly bloom: { readonly offset: number; readonly length: number } | null;
}

export interface FooterRowGroup {
  readonly rows: number;
  /** One per column, in order. */
  readonly chunks: readonly FooterChunk[];
}

export interface FooterInput {
  readonly columns: readonly Column[];
  readonly fieldId: ((path: string) => number | undefined) | undefined;
  readonly rows: number;
  readonly rowGroups: readonly FooterRowGroup[];
  /** Indices of the columns the rows are sorted by, ascending, nulls last. */
  readonly sortedBy: readonly number[];
  readonly keyValue: Readonly<Record<string, string>>;
}

const PHYSICAL_OF: Readonly<Record<ColumnType, Physical>> = {
  string: PHYSICAL.BYTE_ARRAY,
  json: PHYSICAL.BYTE_ARRAY,
  time: PHYSICAL.INT64,
  int: PHYSICAL.INT32,
  long: PHYSICAL.INT64,
  bool: PHYSICAL.BOOLEAN,
  strings: PHYSICAL.BYTE_ARRAY,
};

/** Path of a column's values in the schema. */
export function leafPath(column: Column): readonly string[] {
  return column.type === 'strings' ? [column.name, 'list', 'element'] : [column.name];
}

/** FileMetaData, its length, and the closing magic: everything after the last chunk. */
export function encodeFooter(input: FooterInput): Buffer {
  const metadata = fileMetadata(input);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, tail, MAGIC]);
}

function fileMetadata(input: FooterInput): Buffer {
  const { columns, rowGroups } = input;
  const out = new ThriftWriter();
  out.i32(1, 1); // format version: only version 1 pages are used
  out.structs(2, schemaElements(input), (write) => write(out));
  out.i64(3, input.rows);
  out.structs(4, rowGroups, (group) => writeRowGroup(out, input, group, rowGroups.indexOf(group)));
  const keyValue = Object.entries(input.keyValue);
  if (keyValue.length > 0) {
    out.structs(5, keyValue, ([key, value]) => {
      out.binary(1, key);
      out.binary(2, value);
    });
  }
  out.binary(6, CREATED_BY);
  // Without a column order, readers may not use min_value and max_value.
  out.structs(7, columns, () => out.struct(1, () => {}));
  return out.finish();
}

type WriteStruct = (out: ThriftWriter) => void;

function schemaElements({ columns, fieldId }: FooterInput): WriteStruct[] {
  const root: WriteStruct = (out) => {
    out.binary(4, 'akashi');
    out.i32(5, columns.length);
  };
  return [root, ...columns.flatMap((column) => columnElements(column, fieldId ?? (() => undefined)))];
}

function columnElements(column: Column, fieldId: (path: string) => number | undefined): WriteStruct[] {
  if (column.type !== 'strings') return [leafElement(column.name, column.type, fieldId(column.name))];
  const list: WriteStruct = (out) => {
    out.i32(3, REPETITION.OPTIONAL);
    out.binary(4, column.name);
    out.i32(5, 1);
    out.i32(6, CONVERTED.LIST);
    writeFieldId(out, fieldId(column.name));
    out.struct(10, () => out.struct(LOGICAL.LIST, () => {}));
  };
  const repeated: WriteStruct = (out) => {
    out.i32(3, REPETITION.REPEATED);
    out.binary(4, 'list');
    out.i32(5, 1);
  };
  return [list, repeated, leafElement('element', 'string', fieldId(`${column.name}.element`))];
}

function leafElement(name: string, type: ColumnType, id: number | undefined): WriteStruct {
  const physical = PHYSICAL_OF[type];
  return (out) => {
    out.i32(1, physical);
    out.i32(3, REPETITION.OPTIONAL);
    out.binary(4, name);
    if (physical === PHYSICAL.BYTE_ARRAY) out.i32(6, CONVERTED.UTF8);
    if (type === 'time') out.i32(6, CONVERTED.TIMESTAMP_MICROS);
    writeFieldId(out, id);
    if (physical === PHYSICAL.BYTE_ARRAY) out.struct(10, () => out.struct(LOGICAL.STRING, () => {}));
    if (type === 'time') {
      out.struct(10, () =>
        out.struct(LOGICAL.TIMESTAMP, () => {
          out.bool(1, true); // adjusted to UTC
          out.struct(2, () => out.struct(TIME_UNIT_MICROS, () => {}));
        }),
      );
    }
  };
}

function writeFieldId(out: ThriftWriter, id: number | undefined): void {
  if (id !== undefined) out.i32(9, id);
}

function writeRowGroup(out: ThriftWriter, input: FooterInput, group: FooterRowGroup, ordinal: number): void {
  const chunks = group.chunks.map((chunk, index) => ({ chunk, column: input.columns[index]! }));
  out.structs(1, chunks, ({ chunk, column }) => {
    out.i64(2, 0); // file_offset: deprecated, and 0 when the metadata is here alone
    out.struct(3, () => writeChunk(out, chunk, column));
  });
  out.i64(
    2,
    sum(group.chunks, (chunk) => chunk.encoded.uncompressedLength),
  );
  out.i64(3, group.rows);
  if (input.sortedBy.length > 0) {
    out.structs(4, input.sortedBy, (column) => {
      out.i32(1, column);
      out.bool(2, false); // not descending
      out.bool(3, false); // nulls last
    });
  }
  out.i64(5, group.chunks[0]?.offset ?? 0);
  out.i64(
    6,
    sum(group.chunks, (chunk) => chunk.encoded.length),
  );
  // Ordinals have 16 bits.
  if (ordinal < 2 ** 15) out.i16(7, ordinal);
}

function writeChunk(out: ThriftWriter, { encoded, facts, offset, bloom }: FooterChunk, column: Column): void {
  const encodings = new Set([...encoded.pages.map((page) => page.encoding), ENCODING.RLE]);
  out.i32(1, PHYSICAL_OF[column.type]);
  out.i32s(2, [...encodings].sort());
  out.binaries(3, leafPath(column));
  out.i32(4, encoded.codec);
  out.i64(5, facts.values);
  out.i64(6, encoded.uncompressedLength);
  out.i64(7, encoded.length);
  out.i64(9, offset + encoded.dataPageOffset);
  if (encoded.pages.some((page) => page.type === PAGE.DICTIONARY)) out.i64(11, offset);
  out.struct(12, () => writeStatistics(out, facts));
  // Lets readers see that every data page uses the dictionary, and so filter by it.
  out.structs(13, encoded.pages, ({ type, encoding, count }) => {
    out.i32(1, type);
    out.i32(2, encoding);
    out.i32(3, count);
  });
  if (bloom) {
    out.i64(14, bloom.offset);
    out.i32(15, bloom.length);
  }
}

function writeStatistics(out: ThriftWriter, { nulls, min, max, distinct }: ChunkFacts): void {
  out.i64(3, nulls);
  if (distinct !== null) out.i64(4, distinct);
  // Both or neither: some readers take one as a sign of the other.
  if (!min || !max) return;
  out.binary(5, max.bytes);
  out.binary(6, min.bytes);
  out.bool(7, max.exact);
  out.bool(8, min.exact);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
