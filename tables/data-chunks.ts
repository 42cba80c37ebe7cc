/** Column chunks of a stored data file, each checked against the hash that the ledger has of it by way of the sidecar. */

import { hash } from 'node:crypto';
import { parquetMetadata } from 'hyparquet';
import { AkashiError } from '../schema/error.ts';
import type { VaultStore } from '../vault/store.ts';
import type { DataFileEntry } from './table-metadata.ts';

/** What reading took. */
export interface Meter {
  bytes: number;
  requests: number;
}

export interface ChunkPlace {
  readonly column: string;
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

export interface DataChunks {
  readonly file: DataFileEntry;
  /** Rows of each row group, and its chunks. */
  readonly rowGroups: readonly { readonly rows: number; readonly chunks: readonly ChunkPlace[] }[];
  readonly footer: { readonly offset: number; readonly length: number; readonly sha256: string };
  /** Chunks of one row group by column; columns that the file lacks are left out. Throws DATA_ALTERED. */
  read(rowGroup: number, columns: readonly string[]): Promise<Map<string, Buffer>>;
  /** Columns of a row group whose values may lie in [from, to], as UTF-8 orders text: those whose bounds do not rule it out. */
  between(rowGroup: number, columns: readonly string[], from: string, to: string): Promise<string[]>;
}

/** Chunks with less than this between them are fetched together. */
const MOST_GAP = 4_096;

/** Where the sidecar of a data file lies. */
const rangesKey = (dataKey: string): string => dataKey.replace(/\.parquet$/, '.ranges.json');

/** Reads the sidecar. Throws DATA_ALTERED unless it is the one that was sealed, and what the vault throws. */
export async function openChunks(vault: VaultStore, file: DataFileEntry, meter: Meter): Promise<DataChunks> {
  const key = rangesKey(file.key);
  const { body } = await vault.get(key);
  meter.bytes += body.length;
  meter.requests++;
  if (hash('sha256', body, 'hex') !== file.ranges) throw altered(key);
  const { footer, rowGroups } = JSON.parse(Buffer.from(body).toString()) as {
    footer: DataChunks['footer'];
    rowGroups: { rows: number; chunks: [string, number, number, string][] }[];
  };
  const groups = rowGroups.map(({ rows, chunks }) => ({
    rows,
    chunks: chunks.map(([column, offset, length, sha256]) => ({ column, offset, length, sha256 })),
  }));
  let bounds: Bounds | null = null;
  return {
    file,
    rowGroups: groups,
    footer,
    async read(rowGroup, columns) {
      const wanted = groups[rowGroup]!.chunks.filter(({ column }) => columns.includes(column)).sort(
        (a, b) => a.offset - b.offset,
      );
      const found = new Map<string, Buffer>();
      for (const together of coalesced(wanted)) {
        const start = together[0]!.offset;
        const last = together.at(-1)!;
        const bytes = Buffer.from(await vault.getRange(file.key, start, last.offset + last.length));
        meter.bytes += bytes.length;
        meter.requests++;
        for (const { column, offset, length, sha256 } of together) {
          const chunk = bytes.subarray(offset - start, offset - start + length);
          if (hash('sha256', chunk, 'hex') !== sha256) throw altered(file.key);
          found.set(column, chunk);
        }
      }
      return found;
    },
    async between(rowGroup, columns, from, to) {
      bounds ??= await readBounds(vault, file, footer, meter);
      const [low, high] = [Buffer.from(from), Buffer.from(to)];
      return columns.filter((column) => {
        const own = bounds?.[rowGroup]?.get(column);
        if (own === undefined) return true;
        return Buffer.compare(own.max, low) >= 0 && Buffer.compare(own.min, high) <= 0;
      });
    },
  };
}

type Bounds = readonly ReadonlyMap<string, { readonly min: Uint8Array; readonly max: Uint8Array }>[];

/** Bounds of text columns by row group, from the footer. */
async function readBounds(
  vault: VaultStore,
  file: DataFileEntry,
  { offset, length, sha256 }: DataChunks['footer'],
  meter: Meter,
): Promise<Bounds> {
  const bytes = await vault.getRange(file.key, offset, offset + length);
  meter.bytes += bytes.length;
  meter.requests++;
  if (hash('sha256', bytes, 'hex') !== sha256) throw altered(file.key);
  // Text as it is stored: a string would lose a byte-order mark.
  const parsers = { stringFromBytes: (text: Uint8Array) => text };
  const metadata = parquetMetadata(new Uint8Array(bytes).buffer, { parsers });
  return metadata.row_groups.map(({ columns }) => {
    const found = new Map<string, { min: Uint8Array; max: Uint8Array }>();
    for (const { meta_data: chunk } of columns) {
      const { min_value: min, max_value: max } = chunk?.statistics ?? {};
      if (min instanceof Uint8Array && max instanceof Uint8Array)
        found.set(chunk!.path_in_schema[0]!, { min, max });
    }
    return found;
  });
}

function* coalesced(places: readonly ChunkPlace[]): Generator<readonly ChunkPlace[]> {
  let together: ChunkPlace[] = [];
  for (const place of places) {
    const last = together.at(-1);
    if (last !== undefined && place.offset - (last.offset + last.length) > MOST_GAP) {
      yield together;
      together = [];
    }
    together.push(place);
  }
  if (together.length > 0) yield together;
}

const altered = (key: string) =>
  new AkashiError(
    'DATA_ALTERED',
    `"${key}" is not what was sealed, so nothing is answered from it. Run \`akashi verify --deep\` to see what was changed.`,
  );
