/** DuckDB values as cells: JSON that keeps every digit. */

import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBitValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBGeometryValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBUnionType,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { Cell } from '../result.ts';
import { isoDate, isoInstant } from './iso-time.ts';

/** Converts one value. Total: a type this does not know becomes DuckDB's own text for it. */
export function toCell(value: DuckDBValue, type: DuckDBType): Cell {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value === null || value === undefined) return null;
  if (value instanceof DuckDBTimestampTZValue) return isoInstant(value.micros, 6, 'Z');
  if (value instanceof DuckDBTimestampValue) return isoInstant(value.micros, 6, '');
  if (value instanceof DuckDBTimestampSecondsValue) return isoInstant(value.seconds, 0, '');
  if (value instanceof DuckDBTimestampMillisecondsValue) return isoInstant(value.millis, 3, '');
  if (value instanceof DuckDBTimestampNanosecondsValue) return isoInstant(value.nanos, 9, '');
  if (value instanceof DuckDBDateValue) return isoDate(value.days);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
  if (value instanceof DuckDBGeometryValue) return Buffer.from(value.bytes).toString('hex');
  if (value instanceof DuckDBBitValue) return value.toString();
  return nested(value, type);
}

function nested(value: DuckDBValue, type: DuckDBType): Cell {
  if (value instanceof DuckDBListValue && type instanceof DuckDBListType) {
    return value.items.map((item) => toCell(item, type.valueType));
  }
  if (value instanceof DuckDBArrayValue && type instanceof DuckDBArrayType) {
    return value.items.map((item) => toCell(item, type.valueType));
  }
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType) {
    const entries = type.entryNames.map((name, index): [string, Cell] => [
      name,
      toCell(value.entries[name] ?? null, type.entryTypes[index]!),
    ]);
    return Object.fromEntries(entries);
  }
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType) {
    return value.entries.map((entry) => ({
      key: toCell(entry.key, type.keyType),
      value: toCell(entry.value, type.valueType),
    }));
  }
  if (value instanceof DuckDBUnionValue && type instanceof DuckDBUnionType) {
    return { tag: value.tag, value: toCell(value.value, type.memberTypeForTag(value.tag)) };
  }
  if (value instanceof DuckDBVariantValue) {
    return value.type === undefined ? String(value) : toCell(value.value, value.type);
  }
  return String(value);
}

/**
 * Names of the columns whose fields would be lost because a row inside them has no field names (`row(1, 2)`): the
 * client library keys fields by name.
 */
export const hasUnnamedFields = (type: DuckDBType): boolean => /STRUCT\([^)]*"" /.test(String(type));
