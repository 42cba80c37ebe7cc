/** The files that a statement may need a row of, and the columns it may read. */

import type { TableName } from '../../schema/columns.ts';
import type { Snapshot, SnapshotFile } from '../snapshot.ts';
import { COPY_COLUMNS } from '../views/copies.ts';
import type { ViewPlan } from '../views.ts';
import { type ColumnBounds, mayMatch } from './bounds.ts';
import { ANY, type Condition, oneOf, without } from './condition.ts';
import type { RawScan } from './duckdb-plan.ts';
import { KnownPlaces, type NeedleIndex } from './needle.ts';

export interface ChosenTable {
  readonly table: TableName;
  readonly files: readonly SnapshotFile[];
  /** What the statement may read; null for every column. Telling copies apart reads more: `columnsOfFile`. */
  readonly columns: ReadonlySet<string> | null;
  /** A row is looked at only where this holds of it: for row groups of `files` that hold no copies. */
  readonly condition: Condition;
  readonly places: KnownPlaces;
}

/** Columns that a view makes itself: a condition on them says nothing of what is stored. */
const MADE: Readonly<Record<string, ReadonlySet<string>>> = {
  events: new Set(['conflict']),
  evidence: new Set(['verdict', 'verdict_at']),
};
/** Columns that a view reads whatever is asked of it. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = { evidence: ['sha256'] };

/**
 * Chooses among the snapshot's files for the views that a statement names and those they are built on. Without scans
 * everything may be read. Never leaves out a file with a row that the answer depends on.
 */
export async function chooseFiles(
  snapshot: Snapshot,
  views: readonly ViewPlan[],
  scans: readonly RawScan[] | null,
  index?: NeedleIndex,
): Promise<readonly ChosenTable[]> {
  const tables = [...new Set(views.map(({ table }) => table).filter((table) => table !== null))];
  const tableOf = new Map(views.map(({ name, table }) => [name, table]));
  // A view over another table's verdicts reads them without a scan of the statement's own.
  const isWhole = (table: TableName) =>
    scans === null || (table === 'verdicts' && views.some(({ name }) => name === 'evidence'));
  // Rows that a compaction set aside are shown by one view alone.
  const isAside = ({ copies = false, overlaps }: SnapshotFile) => copies && !overlaps;
  const showsAll = views.some(({ name }) => name === 'events_all');
  const filesOf = (table: TableName) =>
    snapshot.tables[table].files.filter((file) => showsAll || !isAside(file));
  return Promise.all(
    tables.map((table) => {
      const own = (scans ?? []).filter(({ name }) => tableOf.get(name) === table);
      return isWhole(table)
        ? chosen(filesOf(table), table, ANY, null, index)
        : chosen(filesOf(table), table, conditionOf(own), columnsOf(own), index);
    }),
  );
}

/** What a row satisfies that any of the scans looks at; null when there is none and so no row is. */
function conditionOf(scans: readonly RawScan[]): Condition | null {
  if (scans.length === 0) return null;
  return oneOf(scans.map(({ name, condition }) => without(condition, MADE[name] ?? new Set())));
}

const columnsOf = (scans: readonly RawScan[]): ReadonlySet<string> =>
  new Set(scans.flatMap(({ name, columns }) => [...columns, ...(ALWAYS[name] ?? [])]));

async function chosen(
  files: readonly SnapshotFile[],
  table: TableName,
  condition: Condition | null,
  columns: ReadonlySet<string> | null,
  index: NeedleIndex | undefined,
): Promise<ChosenTable> {
  if (condition === null) {
    return {
      table,
      files: [],
      columns: new Set(),
      condition: ANY,
      places: await KnownPlaces.of(undefined, table, [], []),
    };
  }
  const inTime = files.filter((file) => mayMatch(condition, { bounds: boundsOf(file) }));
  const places = await KnownPlaces.of(index, table, [condition], inTime);
  const matching = new Set(
    inTime.filter((file) =>
      mayMatch(condition, {
        bounds: boundsOf(file),
        mayHold: (column, values) => places.mayHold(file, null, column, values),
      }),
    ),
  );
  // Which copy of an event is shown depends on all of its day.
  const days = new Set([...matching].filter(({ overlaps }) => overlaps).map(({ day }) => day));
  const needed = files.filter((file) => matching.has(file) || (file.overlaps && days.has(file.day)));
  return { table, files: needed, columns, condition, places };
}

/** What may be read of one of the chosen files; null for every column. */
export const columnsOfFile = (
  { columns }: ChosenTable,
  { overlaps }: SnapshotFile,
): ReadonlySet<string> | null =>
  columns !== null && overlaps ? new Set([...columns, ...COPY_COLUMNS]) : columns;

/** What the table's metadata says of a file. */
export const boundsOf =
  (file: SnapshotFile) =>
  (column: string): ColumnBounds | undefined => {
    const known = file.bounds?.(column);
    if (known !== undefined || column !== 'time' || file.minTime === undefined) return known;
    const { minTime: min, maxTime: max = null, rows } = file;
    return { min, max, values: rows, nulls: min === null ? rows : null };
  };
