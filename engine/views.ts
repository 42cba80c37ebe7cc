/** The views a query may name, and the SQL behind each. */

import { TABLES, type TableName } from '../schema/columns.ts';
import type { Snapshot, SnapshotFile } from './snapshot.ts';
import { foldName } from './sql-text.ts';
import { createCopyTables, fillCopyTables } from './views/copies.ts';
import { deduplicatedRelation, overlappingFiles } from './views/deduplicate.ts';
import { evidenceRelation } from './views/evidence.ts';
import { type NativeView, nativeRelation } from './views/native.ts';
import { OCSF_VIEWS, ocsfViewRelation } from './views/ocsf.ts';
import { type StoredColumns, storedRelation } from './views/relation.ts';
import { timelineRelation } from './views/timeline.ts';

export type { NativeView } from './views/native.ts';

/** A view before the columns of its files are known. */
export interface ViewPlan {
  readonly name: string;
  /** Published views its SQL names. */
  readonly views: readonly string[];
  /** The table it reads itself. */
  readonly table: TableName | null;
  sql(snapshot: Snapshot, stored: StoredColumns): string;
  /** What must be there before the view: statements that make it, and statements that fill it within `memoryBytes`. */
  readonly before?: (snapshot: Snapshot, stored: StoredColumns, memoryBytes: number) => Preparation;
  /** Files that filling reads, for the columns that tell copies apart. */
  readonly copies?: (snapshot: Snapshot, stored: StoredColumns) => readonly SnapshotFile[];
}

export interface Preparation {
  readonly create: readonly string[];
  readonly fill: readonly string[];
}

/**
 * All published views by name, in the order people should see them.
 *
 * @param sourceRank Sources from best to worst, for choosing between copies of one event.
 */
export function publishedViews(
  native: readonly NativeView[],
  sourceRank: readonly string[] = [],
): ReadonlyMap<string, ViewPlan> {
  const plans: ViewPlan[] = [
    deduplicated('events', sourceRank),
    deduplicated('flows', sourceRank),
    { name: 'timeline', views: ['events', 'flows'], table: null, sql: timelineRelation },
    { name: 'evidence', views: ['verdicts'], table: 'evidence', sql: evidenceRelation },
    stored('quarantine', 'quarantine'),
    stored('custody', 'custody'),
    stored('coverage', 'coverage'),
    stored('coverage_facts', 'coverage_facts'),
    stored('verdicts', 'verdicts'),
    stored('events_all', 'events'),
    ...native.map(
      (view): ViewPlan => ({
        name: foldName(view.view),
        views: [view.table],
        table: null,
        sql: () => nativeRelation(view),
      }),
    ),
    ...OCSF_VIEWS.map(
      (view): ViewPlan => ({
        name: view.view,
        views: view.tables,
        table: null,
        sql: () => ocsfViewRelation(view),
      }),
    ),
  ];
  return new Map(plans.map((plan) => [plan.name, plan]));
}

const deduplicated = (name: 'events' | 'flows', sourceRank: readonly string[]): ViewPlan => ({
  name,
  views: [],
  table: name,
  sql: (snapshot, columns) => deduplicatedRelation(name, snapshot.tables[name].files, columns),
  copies: (snapshot, columns) => overlappingFiles(snapshot.tables[name].files, columns),
  before(snapshot, columns, memoryBytes) {
    const files = overlappingFiles(snapshot.tables[name].files, columns);
    if (files.length === 0) return { create: [], fill: [] };
    return {
      create: createCopyTables(name, files),
      fill: fillCopyTables(name, files, columns, sourceRank, memoryBytes),
    };
  },
});

const stored = (name: string, table: TableName): ViewPlan => ({
  name,
  views: [],
  table,
  sql: (snapshot, columns) => storedRelation(table, snapshot.tables[table].files, columns),
});

/** The views `names` need, each after those it is built on. */
export function withDependencies(
  plans: ReadonlyMap<string, ViewPlan>,
  names: Iterable<string>,
): readonly ViewPlan[] {
  const ordered = new Set<ViewPlan>();
  for (const name of names) {
    const plan = plans.get(name);
    if (plan === undefined) continue;
    for (const needed of withDependencies(plans, plan.views)) ordered.add(needed);
    ordered.add(plan);
  }
  return [...ordered];
}

/** Tables whose files those views read. */
export const tablesOf = (views: readonly ViewPlan[]): readonly TableName[] =>
  (Object.keys(TABLES) as TableName[]).filter((table) => views.some((view) => view.table === table));
