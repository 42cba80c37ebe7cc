/** What a query would read: files, row groups and bytes, from the snapshot's list, the plan and the footers. */

import type { TableName } from '../schema/columns.ts';
import { TABLES } from '../schema/columns.ts';
import { withDefaults } from './limits.ts';
import { type Condition, conditionText } from './plan/condition.ts';
import { type Estimate, estimate } from './plan/estimate.ts';
import { chunkBytes, extentOf, type TableExtent } from './plan/extent.ts';
import type { WantedFile } from './plan/parts.ts';
import { plan } from './planned.ts';
import type { QueryRequest } from './query.ts';
import type { Snapshot } from './snapshot.ts';

/** What is read of one table; files that hold copies of events are told apart from those that hold none. */
export interface Scan {
  readonly table: TableName;
  readonly columns: readonly string[];
  /** What a row must satisfy for any part of the statement to look at it, as far as that can be told. */
  readonly filters: readonly string[];
  readonly files: number;
  readonly rowGroups: number;
  readonly rows: number;
  /** Compressed bytes of those columns in those row groups. */
  readonly bytes: number;
}

export interface QueryPlan extends Estimate {
  readonly head: string;
  readonly scans: readonly Scan[];
  readonly files: number;
  readonly rowGroups: number;
  /** Compressed bytes that are read together. */
  readonly bytes: number;
  /** Of those, what has to be fetched from a store elsewhere, gaps between them included; 0 in a folder. */
  readonly fetchBytes: number;
  readonly requests: number;
  /** Size of all files of the tables the query names. */
  readonly tableBytes: number;
  /** `bytes` of `tableBytes`, 0 to 1. */
  readonly share: number;
}

/** Plans a query without running it. Throws as `runQuery` does. */
export async function explainQuery(request: QueryRequest): Promise<QueryPlan> {
  const { sandbox, chosen } = await plan(request, withDefaults(request.limits));
  await sandbox.close();
  const { snapshot } = request;
  const extents: TableExtent[] = [];
  for (const table of chosen) extents.push(await extentOf(snapshot, table));
  const scans = extents.flatMap(scansOf);
  const total = (value: (scan: Scan) => number) => scans.reduce((sum, scan) => sum + value(scan), 0);
  const files = chosen.flatMap(({ table }) => snapshot.tables[table].files);
  const tableBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const bytes = total((scan) => scan.bytes);
  const requests = extents.reduce((sum, extent) => sum + extent.requests, 0);
  const fetchBytes = requests === 0 ? 0 : extents.reduce((sum, extent) => sum + extent.bytes, 0);
  const counts = { files: total((scan) => scan.files), rowGroups: total((scan) => scan.rowGroups) };
  return {
    head: snapshot.head,
    scans,
    ...counts,
    bytes,
    fetchBytes,
    requests,
    tableBytes,
    share: tableBytes === 0 ? 0 : bytes / tableBytes,
    ...estimate({ bytes, fetchBytes, requests, files: counts.files, elsewhere: isElsewhere(snapshot) }),
  };
}

const isElsewhere = ({ parts }: Snapshot): boolean => parts !== undefined;

function scansOf({ chosen: { table, condition }, wanted }: TableExtent): readonly Scan[] {
  const parts = [false, true].map((copies) => wanted.filter(({ file }) => file.overlaps === copies));
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({
      table,
      columns: TABLES[table].map(({ name }) => name).filter((name) => part[0]!.columns?.has(name) ?? true),
      filters: filtersOf(table, condition),
      files: part.length,
      rowGroups: sum(part, ({ groups }) => groups.length),
      rows: sum(part, ({ footer, groups }) => groups.reduce((rows, at) => rows + footer.groups[at]!.rows, 0)),
      bytes: sum(part, chunkBytes),
    }));
}

function filtersOf(table: TableName, condition: Condition): readonly string[] {
  const times = new Set<string>(TABLES[table].filter(({ type }) => type === 'time').map(({ name }) => name));
  const parts = condition.kind === 'and' ? condition.of : [condition];
  return parts
    .map((part) => conditionText(part, (column) => times.has(column)))
    .filter((text) => text !== '');
}

const sum = (files: readonly WantedFile[], value: (file: WantedFile) => number): number =>
  files.reduce((total, file) => total + value(file), 0);
