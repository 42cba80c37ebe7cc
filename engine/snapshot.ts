/** What the engine needs to know of a lake at one head: the data files of each table, as plain data. */

import type { TableName } from '../schema/columns.ts';

export interface SnapshotFile {
  /** Path on this machine of a Parquet file that the lake wrote and vouches for. */
  readonly path: string;
  /** UTC day of its rows, `2026-01-31`. */
  readonly day: string;
  readonly rows: number;
  /** Size of the file. */
  readonly bytes: number;
  /** True when an event of this file may have a copy elsewhere; files without it need no de-duplication. */
  readonly overlaps: boolean;
  /** True when it holds only copies that a compaction set aside: rows to leave out wherever an event is shown once. */
  readonly copies?: boolean;
}

export interface Snapshot {
  /** Names the state of the lake that an answer was computed from. */
  readonly head: string;
  /** Brings the files of these tables to their paths, where they lie elsewhere; to be called before they are read. */
  readonly fetch?: (tables: readonly TableName[]) => Promise<void>;
  readonly tables: Readonly<Record<TableName, { readonly files: readonly SnapshotFile[] }>>;
}
