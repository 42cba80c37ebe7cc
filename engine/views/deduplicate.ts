/**
 * One row per event, however often it was delivered, with every copy that disagrees left in sight.
 *
 * Copies share an `identity`; where none is stored, source and `uid`. Those that agree in substance collapse to the best
 * one; those that differ all stay, with `conflict` set, so that nobody can hide a real event behind a forged one that
 * reuses its id. Files that hold no copies are read as they are; of the others, rows found to be copies are left out,
 * so that filters of the query still reach the Parquet reader and only columns the query names are read.
 */

import type { SnapshotFile } from '../snapshot.ts';
import { conflictTable, type Deduplicated, fileOf, hiddenTable, identityOf } from './copies.ts';
import {
  columnExpressions,
  readParquet,
  type StoredColumns,
  selectList,
  storedRelation,
} from './relation.ts';

/** Files that may hold copies; none where nothing tells copies apart. */
export const overlappingFiles = (
  files: readonly SnapshotFile[],
  stored: StoredColumns,
): readonly SnapshotFile[] => (stored.has('uid') ? files.filter(({ overlaps }) => overlaps) : []);

/** Rows of `files` without repeated events, over the tables of `copies.ts`. */
export function deduplicatedRelation(
  table: Deduplicated,
  files: readonly SnapshotFile[],
  stored: StoredColumns,
): string {
  const overlapping = new Set(overlappingFiles(files, stored));
  const alone = files.filter((file) => !overlapping.has(file) && file.copies !== true);
  if (overlapping.size === 0) return storedRelation(table, alone, stored);
  const best = withoutCopies(table, [...overlapping], stored);
  return alone.length === 0 ? best : `${storedRelation(table, alone, stored)} UNION ALL ${best}`;
}

function withoutCopies(table: Deduplicated, files: readonly SnapshotFile[], stored: StoredColumns): string {
  const columns = new Map(columnExpressions(table, stored, 'copy.'));
  const same = identityOf(columns);
  let conflicts = '';
  if (table === 'events') {
    columns.set('conflict', `conflicts.identity IS NOT NULL OR coalesce(${columns.get('conflict')}, false)`);
    conflicts = `LEFT JOIN ${conflictTable(table)} AS conflicts ON ${same} = conflicts.identity`;
  }
  return `SELECT ${selectList(columns)}
    FROM ${readParquet(table, files)} AS copy ${conflicts}
    ANTI JOIN ${hiddenTable(table)} AS hidden
      ON ${fileOf(table, 'copy.')} = hidden.file AND copy.file_row_number = hidden.row`;
}
