/** One table and day to be merged: what goes in, and what it is called when it comes out. */

import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { TableName } from '../schema/columns.ts';
import type { FilePart } from '../tables/needle/pack.ts';
import { WRITER_VERSION } from '../tables/parquet/version.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import { DayOutput } from './day-output.ts';
import { withInputs } from './inputs.ts';
import { merge } from './merge.ts';

export interface DayJob {
  readonly table: TableName;
  readonly day: string;
  readonly files: readonly DataFileEntry[];
  /** Settle copies: then the files are all that the day has. */
  readonly settle: boolean;
  /** Its files are locked: nothing more is expected of the day. */
  readonly compacted: boolean;
  /** Leave out the rows of these bodies, and forget what was settled. */
  readonly without?: readonly string[];
}

/** What DuckDB may take, bytes; the encoder takes some 600 MB beside. */
export const MERGE_MEMORY = 512 * 2 ** 20;

/** Raised when the same inputs would be merged otherwise. */
const MERGE_VERSION = 'merge/2';

export interface MergeOptions {
  /** Characters of a piece, each of which becomes a file. */
  readonly pieceCharacters?: number;
}

/** What the merged files of a job are named by. */
export function mergedBatch(
  {
    files,
    settle,
    without = [],
  }: Pick<DayJob, 'settle' | 'without'> & {
    readonly files: readonly Pick<DataFileEntry, 'key' | 'sha256' | 'copies'>[];
  },
  options: MergeOptions = {},
): string {
  const inputs = files.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const named = inputs.map(({ sha256, copies }) => `${sha256}${copies === true ? ' copies' : ''}`);
  const how = [
    MERGE_VERSION,
    WRITER_VERSION,
    settle ? 'settled' : 'merged',
    JSON.stringify(options),
    ...without,
  ];
  return createHash('sha256')
    .update([...how, ...named].join('\n'))
    .digest('hex');
}

export interface MergedDay {
  readonly files: readonly DataFileEntry[];
  /** What the needle index takes of them, by key. */
  readonly parts: ReadonlyMap<string, FilePart>;
}

/** Merges the files of a job. Equal jobs write equal files, so that doing it again after a crash is harmless. */
export async function mergeDay(
  lake: Pick<Lake, 'vault' | 'state' | 'scratchPath'>,
  { table, day, files, settle, compacted, without = [] }: DayJob,
  options: MergeOptions = {},
): Promise<MergedDay> {
  const inputs = files.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const batch = mergedBatch({ files: inputs, settle, without }, options);
  return withInputs(lake, inputs, async (paths) => {
    const output = new DayOutput(lake, { table, day, batch, compacted });
    await merge(
      {
        ...options,
        table,
        settle,
        without,
        memoryBytes: MERGE_MEMORY,
        spillTo: tmpdir(),
        inputs: inputs.map(({ rows, bytes, copies }, at) => ({
          path: paths[at]!,
          rows,
          bytes,
          copies: copies === true,
        })),
      },
      output,
    );
    return { files: output.files, parts: output.parts };
  });
}
