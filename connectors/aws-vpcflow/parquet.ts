/**
 * Parquet flow logs. The format is read from its end, so the body is kept whole.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html#flow-logs-s3-path
 */

import { type FileMetaData, parquetMetadata, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { RecordSink, Splitter } from '../contract.ts';
import { KNOWN_FIELDS } from './fields.ts';
import { type Layout, layoutOf } from './layout.ts';

/** Largest body kept whole, bytes. AWS closes a flow log file at about 75 MB. */
const MAX_BODY_BYTES = 512 * 2 ** 20;
/** Most rows of one row group: its columns are held in memory together. */
const MAX_GROUP_ROWS = 4_000_000;
/** Largest page after decompression; writers aim at 1 MiB. */
const MAX_PAGE_BYTES = 256 * 2 ** 20;

export function isParquet(first: Uint8Array): boolean {
  return first.length >= 4 && Buffer.from(first.buffer, first.byteOffset, 4).toString('latin1') === 'PAR1';
}

export function parquetRecords(sink: RecordSink): Splitter {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) chunks.length = 0;
      // A chunk's memory may be used again by whoever gave it.
      else chunks.push(Buffer.from(chunk));
    },
    async end() {
      if (length > MAX_BODY_BYTES) {
        sink.broken({
          locator: `bytes=0-${length}`,
          code: 'record_too_large',
          path: '',
          problem: `a Parquet body of ${length} bytes; ${MAX_BODY_BYTES} is the most that is kept whole`,
          raw: '',
        });
        return;
      }
      await readBody(Buffer.concat(chunks), sink);
    },
  };
}

async function readBody(body: Buffer, sink: RecordSink): Promise<void> {
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(body, { geoparquet: false });
    const names = columnsOf(metadata);
    if (!names.some((name) => KNOWN_FIELDS.has(name.replaceAll('_', '-')))) {
      broken(sink, `bytes=0-${body.length}`, 'none of its columns is a field of a flow log');
      return;
    }
    const layout = layoutOf(names);
    let start = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      await readGroup(body, metadata, layout, names, start, rows, sink);
      start += rows;
    }
  } catch (error) {
    broken(sink, `bytes=0-${body.length}`, describe(error));
  }
}

/** Names of the leaf columns, in order. */
function columnsOf(metadata: FileMetaData): string[] {
  return metadata.schema.filter(({ type }) => type !== undefined).map(({ name }) => name);
}

async function readGroup(
  body: Buffer,
  metadata: FileMetaData,
  layout: Layout,
  names: readonly string[],
  start: number,
  rows: number,
  sink: RecordSink,
): Promise<void> {
  const columns = new Map<string, ArrayLike<unknown>[]>();
  try {
    if (!(rows >= 0 && rows <= MAX_GROUP_ROWS)) throw new Error(`a row group of ${rows} rows`);
    // One column at a time: read together, the failure of one leaves the others' promises to nobody.
    for (const name of names) {
      const parts: ArrayLike<unknown>[] = [];
      await parquetRead({
        file: { byteLength: body.length, slice: (from, to) => slice(body, from, to) },
        metadata,
        compressors: BOUNDED,
        geoparquet: false,
        columns: [name],
        rowStart: start,
        rowEnd: start + rows,
        onChunk: ({ columnData }) => parts.push(columnData),
      });
      columns.set(name, parts);
    }
  } catch (error) {
    broken(sink, `row=${start}`, `${rows} rows: ${describe(error)}`);
    return;
  }
  const cells = names.map((name) => cellsOf(columns.get(name) ?? []));
  for (let row = 0; row < rows; row++) {
    const value: Record<string, unknown> = {};
    names.forEach((name, index) => {
      value[name] = cells[index]!(row);
    });
    sink.record({
      raw: rowText(value),
      bytes: null,
      value,
      locator: `row=${start + row};rebuilt`,
      context: layout,
    });
  }
}

/** Reads a column that came in several parts row by row. */
function cellsOf(parts: readonly ArrayLike<unknown>[]): (row: number) => unknown {
  let part = 0;
  let before = 0;
  return (row) => {
    while (part < parts.length && row - before >= parts[part]!.length) before += parts[part++]!.length;
    return parts[part]?.[row - before] ?? null;
  };
}

/** The row as JSON; 64-bit integers keep all their digits. */
function rowText(row: Record<string, unknown>): string {
  const members = Object.entries(row).map(([name, value]) => {
    const written = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
    return `${JSON.stringify(name)}:${written}`;
  });
  return `{${members.join(',')}}`;
}

function slice(body: Buffer, from: number, to = body.length): ArrayBuffer {
  const copy = new Uint8Array(Math.max(0, Math.min(to, body.length) - from));
  copy.set(body.subarray(from, to));
  return copy.buffer;
}

/** The library allots what a page header claims before it looks at the page. */
const BOUNDED: typeof compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number) => {
      if (outputLength > MAX_PAGE_BYTES) throw new Error(`a page of ${outputLength} bytes`);
      return decompress(input, outputLength);
    },
  ]),
);

function broken(sink: RecordSink, locator: string, problem: string): void {
  sink.broken({ locator, code: 'invalid_parquet', path: '', problem, raw: '' });
}

function describe(error: unknown): string {
  return `not readable as Parquet: ${(error instanceof Error ? error.message : String(error)).slice(0, 200)}`;
}
