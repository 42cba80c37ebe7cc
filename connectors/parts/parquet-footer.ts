/**
 * What a Parquet file's footer says of its columns and where they are.
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */

import { readStruct, type ThriftStruct, type ThriftValue } from './parquet-thrift.ts';

export interface ParquetColumn {
  readonly name: string;
  /** Number of the physical type: 0 BOOLEAN, 1 INT32, 2 INT64, 3 INT96, 4 FLOAT, 5 DOUBLE, 6 BYTE_ARRAY, 7 FIXED. */
  readonly type: number;
  /** Bytes of a FIXED value. */
  readonly width: number;
  readonly optional: boolean;
  /** Levels of a nested column: how often it can be absent, and how often repeated. Flat ones have 0 or 1, and 0. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

export interface ParquetChunk {
  /** Offset of its first page, dictionary included. */
  readonly start: number;
  readonly length: number;
  readonly codec: number;
}

export interface ParquetGroup {
  readonly rows: number;
  /** One per column, in the columns' order. */
  readonly chunks: readonly ParquetChunk[];
}

/** A member of a nested schema: a group of members, or a leaf with its place among the columns. */
export interface ParquetNode {
  readonly name: string;
  /** Definition level at which it is there, and repetition level at which it begins again. */
  readonly definition: number;
  readonly repetition: number;
  readonly repeated: boolean;
  /** Number of the converted type (`LIST`, `TIMESTAMP_MICROS`, …), -1 where there is none. */
  readonly converted: number;
  /** Unit of a timestamp in the newer notation, or none. */
  readonly unit: 'millis' | 'micros' | 'nanos' | null;
  /** Place among the columns; null for a group. */
  readonly column: number | null;
  readonly members: readonly ParquetNode[];
}

export interface ParquetTree {
  readonly root: ParquetNode;
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly ParquetGroup[];
}

export interface ParquetFooter {
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly ParquetGroup[];
}

const MAGIC = 'PAR1';
/** Largest footer read, bytes; 35 columns take about 10 KB a row group. */
const MAX_FOOTER_BYTES = 64 * 2 ** 20;
const REPEATED = 2;
const OPTIONAL = 1;
/** Deepest schema read; no log nests a tenth of it. */
const MAX_DEPTH = 32;

export function isParquet(first: Buffer): boolean {
  return first.toString('latin1', 0, 4) === MAGIC;
}

/** Throws an Error that says what is wrong; nested columns are refused, as no flat log has any. */
export function readFooter(body: Buffer): ParquetFooter {
  const { value, start } = footerOf(body);
  const columns = columnsOf(list(value.get(2)).map(struct));
  const groups = list(value.get(4)).map((group) => groupOf(struct(group), columns.length, start));
  return { columns, groups };
}

/** The same with nested columns. Throws likewise. */
export function readTree(body: Buffer): ParquetTree {
  const { value, start } = footerOf(body);
  const elements = list(value.get(2)).map(struct);
  const columns: ParquetColumn[] = [];
  let at = 0;
  const node = (definition: number, repetition: number, depth: number): ParquetNode => {
    const element = elements[at++];
    if (element === undefined || depth > MAX_DEPTH) throw new Error('a schema that does not end');
    const name = textOf(element.get(4));
    const kind = depth === 0 ? 0 : element.get(3);
    const repeated = kind === REPEATED;
    const own = {
      name,
      definition: definition + (kind === OPTIONAL || repeated ? 1 : 0),
      repetition: repetition + (repeated ? 1 : 0),
      repeated,
      converted: typeof element.get(6) === 'number' ? (element.get(6) as number) : -1,
      unit: unitOf(element.get(10)),
    };
    const type = element.get(1);
    if (typeof type === 'number') {
      columns.push({
        name,
        type,
        width: number(element.get(2) ?? 0),
        optional: own.definition > 0,
        maxDefinition: own.definition,
        maxRepetition: own.repetition,
      });
      return { ...own, column: columns.length - 1, members: [] };
    }
    const count = number(element.get(5) ?? 0);
    if (count > elements.length) throw new Error(`a group of ${count} members`);
    const members = Array.from({ length: count }, () => node(own.definition, own.repetition, depth + 1));
    return { ...own, column: null, members };
  };
  const root = node(0, 0, 0);
  const groups = list(value.get(4)).map((group) => groupOf(struct(group), columns.length, start));
  return { root, columns, groups };
}

const UNITS = ['millis', 'micros', 'nanos'] as const;

/** Of the logical type TIMESTAMP (field 8), whose unit is a union of three. */
function unitOf(logical: ThriftValue | undefined): ParquetNode['unit'] {
  const stamp = logical instanceof Map ? (logical as ThriftStruct).get(8) : undefined;
  const unit = stamp instanceof Map ? (stamp as ThriftStruct).get(2) : undefined;
  const [which] = unit instanceof Map ? [...(unit as ThriftStruct).keys()] : [];
  return which === undefined ? null : (UNITS[which - 1] ?? null);
}

function footerOf(body: Buffer): { value: ThriftStruct; start: number } {
  if (body.length < 12 || body.toString('latin1', body.length - 4) !== MAGIC) {
    throw new Error('the body does not end as Parquet files do; it may be cut short');
  }
  const length = body.readUInt32LE(body.length - 8);
  const start = body.length - 8 - length;
  if (start < 4 || length > MAX_FOOTER_BYTES) throw new Error(`a footer of ${length} bytes`);
  return { value: readStruct(body.subarray(0, body.length - 8), start).value, start };
}

/** Leaves of the schema, whose first element is the root. */
function columnsOf(schema: readonly ThriftStruct[]): ParquetColumn[] {
  return schema.slice(1).map((element) => {
    const name = textOf(element.get(4));
    const type = element.get(1);
    if (typeof type !== 'number' || element.get(3) === REPEATED)
      throw new Error(`the column ${name} is nested`);
    const optional = element.get(3) === OPTIONAL;
    const levels = { maxDefinition: optional ? 1 : 0, maxRepetition: 0 };
    return { name, type, width: number(element.get(2) ?? 0), optional, ...levels };
  });
}

function groupOf(group: ThriftStruct, columns: number, end: number): ParquetGroup {
  const chunks = list(group.get(1)).map((chunk) => {
    const metadata = struct(struct(chunk).get(3));
    const data = number(metadata.get(9));
    const dictionary = metadata.get(11);
    // Some writers say 0 where there is no dictionary.
    const start = typeof dictionary === 'number' && dictionary > 0 ? Math.min(dictionary, data) : data;
    const length = number(metadata.get(7));
    if (start < 4 || start + length > end) throw new Error('a column chunk outside the file');
    return { start, length, codec: number(metadata.get(4)) };
  });
  if (chunks.length !== columns) throw new Error(`a row group of ${chunks.length} columns, not ${columns}`);
  return { rows: number(group.get(3)), chunks };
}

function struct(value: ThriftValue | undefined): ThriftStruct {
  if (!(value instanceof Map)) throw new Error('a footer without a part it must have');
  return value as ThriftStruct;
}

function list(value: ThriftValue | undefined): readonly ThriftValue[] {
  if (!Array.isArray(value)) throw new Error('a footer without a list it must have');
  return value as readonly ThriftValue[];
}

function number(value: ThriftValue | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Error('a footer without a number it must have');
  }
  return value;
}

function textOf(value: ThriftValue | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
}
