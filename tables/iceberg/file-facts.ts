/** Facts of a data file: from the encoder while it is being written, or from the footer of one that is stored. */

import { type ColumnChunk, type FileMetaData, parquetMetadata } from 'hyparquet';
import { AkashiError } from '../../schema/error.ts';
import type { ParquetFile } from '../parquet/parquet-file.ts';
import type { BoundValue, ColumnFacts, FileFacts } from './data-file.ts';

/** Of a file that was just encoded, sorted by these columns. */
export function factsOfEncoded(file: ParquetFile, sortedBy: readonly string[]): FileFacts {
  const columns = new Map<string, ColumnFacts>();
  for (const { chunks } of file.rowGroups) {
    for (const { column, length, values } of chunks) {
      const before = columns.get(column);
      const { nulls, min, max } = file.columns[column]!;
      columns.set(column, {
        size: length + (before?.size ?? 0),
        values: values + (before?.values ?? 0),
        nulls,
        // Both or neither, as in the file's own footer.
        ...(max === null ? NO_BOUNDS : { min, max }),
      });
    }
  }
  return {
    rows: file.rows,
    bytes: file.bytes.length,
    columns,
    splitOffsets: file.rowGroups.map(({ chunks }) => chunks[0]!.offset),
    sortedBy,
  };
}

const NO_BOUNDS = { min: null, max: null };

/**
 * Of a stored file of `bytes` bytes by its footer: the metadata, its length, and the closing magic. Throws DATA_ALTERED
 * for what is no footer of ours.
 */
export function factsOfFooter(footer: Uint8Array, bytes: number): FileFacts {
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(new Uint8Array(footer).buffer, { parsers: AS_STORED });
  } catch (cause) {
    throw new AkashiError('DATA_ALTERED', 'a data file has no readable footer. Run `akashi verify --deep`.', {
      cause,
    });
  }
  const columns = new Map<string, ColumnFacts>();
  for (const { columns: chunks } of metadata.row_groups) {
    for (const chunk of chunks) {
      const name = nameOf(chunk);
      columns.set(name, joined(columns.get(name), factsOfChunk(chunk)));
    }
  }
  const [first] = metadata.row_groups;
  return {
    rows: Number(metadata.num_rows),
    bytes,
    columns,
    splitOffsets: metadata.row_groups.map(({ columns: chunks }) => startOf(chunks[0])),
    sortedBy: (first?.sorting_columns ?? []).map(({ column_idx }) => nameOf(first?.columns[column_idx])),
  };
}

/** Microseconds and text as they are stored: a Date would lose three digits, a string perhaps a byte-order mark. */
const AS_STORED = {
  timestampFromMicroseconds: (micros: bigint) => micros,
  stringFromBytes: (bytes: Uint8Array) => bytes,
};

const nameOf = (chunk: ColumnChunk | undefined): string => chunk?.meta_data?.path_in_schema[0] ?? '';

/** A dictionary page comes before the data pages. */
const startOf = (chunk: ColumnChunk | undefined): number =>
  Number(chunk?.meta_data?.dictionary_page_offset ?? chunk?.meta_data?.data_page_offset ?? 0);

function factsOfChunk({ meta_data: chunk }: ColumnChunk): ColumnFacts {
  const { min_value: min = null, max_value: max = null, null_count = 0n } = chunk?.statistics ?? {};
  return {
    size: Number(chunk?.total_compressed_size ?? 0),
    values: Number(chunk?.num_values ?? 0),
    nulls: Number(null_count),
    min: min as BoundValue | null,
    max: max as BoundValue | null,
  };
}

/** Of two chunks of one column. One with values but no bounds leaves the whole without. */
function joined(a: ColumnFacts | undefined, b: ColumnFacts): ColumnFacts {
  if (a === undefined) return b;
  const counts = { size: a.size + b.size, values: a.values + b.values, nulls: a.nulls + b.nulls };
  if (a.nulls === a.values) return { ...counts, min: b.min, max: b.max };
  if (b.nulls === b.values) return { ...counts, min: a.min, max: a.max };
  if (a.min === null || a.max === null || b.min === null || b.max === null)
    return { ...counts, ...NO_BOUNDS };
  return {
    ...counts,
    min: compare(a.min, b.min) <= 0 ? a.min : b.min,
    max: compare(a.max, b.max) >= 0 ? a.max : b.max,
  };
}

const compare = (a: BoundValue, b: BoundValue): number =>
  typeof a === 'object' && typeof b === 'object' ? Buffer.compare(a, b) : a < b ? -1 : Number(a > b);
