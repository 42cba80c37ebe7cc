/** Numbers of the Parquet format: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */

export const MAGIC = Buffer.from('PAR1');

export const PHYSICAL = { BOOLEAN: 0, INT32: 1, INT64: 2, BYTE_ARRAY: 6 } as const;
export const REPETITION = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 } as const;
export const CONVERTED = { UTF8: 0, LIST: 3, TIMESTAMP_MICROS: 10 } as const;
/** Field ids of the LogicalType union. */
export const LOGICAL = { STRING: 1, LIST: 3, TIMESTAMP: 8 } as const;
export const TIME_UNIT_MICROS = 2;
/**
 * Values are PLAIN or dictionary-coded only. Delta encodings would be a little smaller, but Iceberg's vectorised reader in
 * Spark long refused them: https://github.com/apache/iceberg/issues/7162
 */
export const ENCODING = { PLAIN: 0, RLE: 3, RLE_DICTIONARY: 8 } as const;
export const CODEC = { UNCOMPRESSED: 0, ZSTD: 6 } as const;
export const PAGE = { DATA: 0, DICTIONARY: 2 } as const;

export type Physical = (typeof PHYSICAL)[keyof typeof PHYSICAL];
export type Encoding = (typeof ENCODING)[keyof typeof ENCODING];
export type Codec = (typeof CODEC)[keyof typeof CODEC];
export type PageType = (typeof PAGE)[keyof typeof PAGE];
