/** What a manifest says of a data file. */

/** A least or greatest value; text also as its UTF-8 bytes. */
export type BoundValue = string | number | bigint | boolean | Uint8Array;

export interface ColumnFacts {
  /** Bytes of the column's chunks as stored. */
  readonly size: number;
  /** Rows with nulls; for a list its slots. */
  readonly values: number;
  readonly nulls: number;
  /** No value is less; null where there is none or it is not known. */
  readonly min: BoundValue | null;
  /** No value is greater. */
  readonly max: BoundValue | null;
}

/** Taken from the file alone, whoever holds it. */
export interface FileFacts {
  readonly rows: number;
  readonly bytes: number;
  /** By column; a column the file lacks is absent. */
  readonly columns: ReadonlyMap<string, ColumnFacts>;
  /** Where each row group starts, ascending. */
  readonly splitOffsets: readonly number[];
  /** Columns its rows are sorted by. */
  readonly sortedBy: readonly string[];
}

export interface IcebergDataFile extends FileFacts {
  /** Full URI. */
  readonly path: string;
}

/** A value as Iceberg keeps single ones: https://iceberg.apache.org/spec/#binary-single-value-serialization */
export function boundBytes(
  type: 'string' | 'timestamptz' | 'int' | 'long' | 'boolean',
  value: BoundValue,
): Buffer {
  switch (type) {
    case 'string':
      return typeof value === 'object' ? Buffer.from(value) : Buffer.from(String(value));
    case 'timestamptz':
    case 'long': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value as number | bigint));
      return bytes;
    }
    case 'int': {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(Number(value));
      return bytes;
    }
    case 'boolean':
      return Buffer.of(value === true ? 1 : 0);
    default:
      return type satisfies never;
  }
}
