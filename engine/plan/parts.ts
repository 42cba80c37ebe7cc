/** Reading parts of data files, on this machine or elsewhere. */

import { open } from 'node:fs/promises';
import { AkashiError } from '../../schema/error.ts';
import {
  FOOTER_TAIL,
  footerLength,
  readFooter,
  type StoredFooter,
} from '../../tables/parquet/stored-footer.ts';
import { pooled } from '../../vault/pool.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { FilePlan } from '../stage/sparse-file.ts';

/** A data file as it was sealed. */
export interface StoredFile {
  readonly key: string;
  readonly sha256: string;
  /** SHA-256 of the sidecar with the hashes of its parts. */
  readonly ranges: string;
}

/** What is to be read of one file. */
export interface WantedFile {
  readonly file: SnapshotFile;
  readonly footer: StoredFooter;
  /** Row groups by number, ascending. */
  readonly groups: readonly number[];
  /** Null for every column. */
  readonly columns: ReadonlySet<string> | null;
}

export interface BloomRange {
  readonly offset: number;
  readonly length: number;
}

export interface Extent {
  readonly bytes: number;
  readonly requests: number;
}

/** Files that do not lie at their paths. Every method throws DATA_ALTERED for bytes that are not those that were sealed. */
export interface DataParts {
  footers(files: readonly SnapshotFile[]): Promise<readonly StoredFooter[]>;
  /** Bloom filters of a file, header and all. */
  blooms(file: SnapshotFile, ranges: readonly BloomRange[]): Promise<readonly Uint8Array[]>;
  /** What staging would fetch: parts that lie on this machine already are not counted. */
  extent(files: readonly WantedFile[]): Promise<Extent>;
  /** The same as a plan, for somebody else to lay out. */
  plans(files: readonly WantedFile[]): Promise<readonly FilePlan[]>;
  /**
   * Lays the wanted parts into files of this machine whose footers list nothing else. They are there until `release`.
   */
  stage(files: readonly WantedFile[]): Promise<StagedFiles>;
}

export interface StagedFiles {
  /** One for each, in their order. */
  readonly paths: readonly string[];
  release(): Promise<void>;
}

/** Files of a folder: read in place. Throws DATA_ALTERED for a file without a footer. */
export const inPlace: Pick<DataParts, 'footers' | 'blooms'> = {
  footers: (files) => pooled(files, FILES_AT_ONCE, ({ path }) => footerOf(path)),
  blooms: async ({ path }, ranges) => {
    const handle = await open(path, 'r');
    try {
      const filters: Uint8Array[] = [];
      for (const { offset, length } of ranges) filters.push(await bytesAt(handle, offset, length));
      return filters;
    } finally {
      await handle.close();
    }
  },
};

const FILES_AT_ONCE = 16;
/** Most footers are shorter. */
const LIKELY_FOOTER_BYTES = 32 * 1024;

async function footerOf(path: string): Promise<StoredFooter> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - LIKELY_FOOTER_BYTES);
    const tail = await bytesAt(handle, start, size - start);
    const length = footerLength(tail.subarray(-FOOTER_TAIL));
    if (length === null || length > size) throw unreadable(path);
    const bytes =
      length <= tail.length ? tail.subarray(-length) : await bytesAt(handle, size - length, length);
    return readFooter(bytes);
  } catch (cause) {
    throw cause instanceof RangeError ? unreadable(path, cause) : cause;
  } finally {
    await handle.close();
  }
}

async function bytesAt(
  handle: Awaited<ReturnType<typeof open>>,
  at: number,
  length: number,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

const unreadable = (path: string, cause?: unknown): AkashiError =>
  new AkashiError(
    'SQL_LAKE_UNREADABLE',
    `a data file of the lake is missing or cannot be read; \`akashi verify --deep\` names what is wrong\n"${path}"`,
    { cause },
  );
