/** PLAN: which days of which tables are worth merging, and how. */

import { TABLES, type TableName } from '../schema/columns.ts';
import { DAILY_TABLES } from '../tables/iceberg/schema.ts';
import type { DataFileEntry, TableMetadata } from '../tables/table-metadata.ts';
import { parseKey } from '../vault/keys.ts';
import type { DayJob } from './day-job.ts';

export interface PlanRequest {
  readonly tables: readonly TableMetadata[];
  /** Whether nothing more is expected of a day: its watermark has passed. */
  readonly isClosed: (day: string) => boolean;
  /** Whether the store keeps compacted files until a date, so that each rewritten one is paid for twice. */
  readonly locks: boolean;
  /** Compacted files that were replaced and that the store still keeps, bytes by table. */
  readonly deadBytes: (table: TableName) => number;
}

/** Files of this size stay as they are, unless they are to be locked. */
const LARGE_BYTES = 32 * 2 ** 20;
/** Locked bytes for each live one, at most. */
const LOCKED_SHARE = 1.3;
const SETTLING: ReadonlySet<TableName> = new Set(['events', 'flows']);

/** `events`, `flows` and so on, without what is derived when it is asked for. */
export const COMPACTED_TABLES: readonly TableName[] = (Object.keys(TABLES) as TableName[]).filter(
  (table) => table !== 'coverage',
);

export const isCompacted = ({ key }: Pick<DataFileEntry, 'key'>): boolean =>
  parseKey(key)?.class === 'compacted';

/** What is to be merged, oldest days first. */
export function planCompaction(request: PlanRequest): DayJob[] {
  return request.tables.flatMap((metadata) => {
    const days = Map.groupBy(metadata.files, ({ day }) => day);
    const live = sum(metadata.files);
    // What is rewritten is paid for until it expires: first come, first served.
    let dead = request.deadBytes(metadata.table);
    return [...days.keys()].sort().flatMap((day) => {
      const files = days.get(day)!;
      const job = jobOf(
        metadata,
        day,
        files,
        request,
        (rewritten) => live + dead + rewritten <= LOCKED_SHARE * live,
      );
      if (job !== null) dead += sum(job.files.filter(isCompacted));
      return job === null ? [] : [job];
    });
  });
}

function jobOf(
  { table, overlapDays }: TableMetadata,
  day: string,
  files: readonly DataFileEntry[],
  { isClosed, locks }: PlanRequest,
  affords: (rewrittenBytes: number) => boolean,
): DayJob | null {
  const closed = DAILY_TABLES.has(table) && day !== 'undated' && isClosed(day);
  const locked = files.filter(isCompacted);
  const open = files.filter((file) => !isCompacted(file));
  if (SETTLING.has(table) && overlapDays.includes(day)) {
    // Copies are settled over the whole day, locked files with it.
    if (!locks || locked.length === 0 || affords(sum(locked)))
      return { table, day, files, settle: true, compacted: closed };
    // Too much is locked already: until some of it expires, queries settle this day.
  }
  // Under locks whatever is not locked yet is to be, and what is locked is left alone.
  const chosen = closed && locks ? open : mergeable(closed ? files : open);
  return chosen.length === 0 ? null : { table, day, files: chosen, settle: false, compacted: closed };
}

/** Small files, where merging leaves fewer: shown rows and copies never lie in one file. */
function mergeable(files: readonly DataFileEntry[]): DataFileEntry[] {
  const small = files.filter(({ bytes }) => bytes < LARGE_BYTES);
  return [...Map.groupBy(small, ({ copies }) => copies === true).values()]
    .filter((alike) => alike.length > 1)
    .flat();
}

const sum = (files: readonly DataFileEntry[]): number => files.reduce((total, { bytes }) => total + bytes, 0);
