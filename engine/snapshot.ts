/** What the engine needs to know of a lake at one head: the data files of each table, as plain data. */

import type { TableName } from '../schema/columns.ts';
import type { ColumnBounds } from './plan/bounds.ts';
import type { NeedleIndex } from './plan/needle.ts';
import type { DataParts, StoredFile } from './plan/parts.ts';

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
  /** Earliest and latest time, microseconds; null when no row has one. Left out where nobody knows. */
  readonly minTime?: number | null;
  readonly maxTime?: number | null;
  /** What the table's metadata says of a column of this file, where it says anything; nothing of lists. */
  readonly bounds?: (column: string) => ColumnBounds | undefined;
  /** Whether its columns carry the catalogue's field ids, by which they are found without opening every file. */
  readonly fieldIds?: boolean;
  /** Where it lies and what it was sealed as, for one that is read in parts. */
  readonly stored?: StoredFile;
}

export interface Snapshot {
  /** Names the state of the lake that an answer was computed from. */
  readonly head: string;
  /** How parts of its files are read, where they do not lie at their paths. */
  readonly parts?: DataParts;
  /** Which files and row groups may hold a value, where an index tells. */
  readonly needles?: NeedleIndex;
  readonly tables: Readonly<Record<TableName, { readonly files: readonly SnapshotFile[] }>>;
}
