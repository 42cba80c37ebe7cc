/** What a statement would read, without reading it: DuckDB's own plan, and the footers of the files. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { TABLES, type TableName } from '../../schema/columns.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import { COPY_COLUMNS } from '../views/copies.ts';
import { DUCKDB_TYPES, literalPath } from '../views/relation.ts';
import { bind, type Outlet } from './answer.ts';
import { type BoundPlan, boundPlans, replaceViews } from './prepare.ts';
import type { Job, Scan } from './protocol.ts';

/** Sends one `plan` with every scan of a lake table. */
export async function explain(connection: DuckDBConnection, job: Job, out: Outlet): Promise<void> {
  const plans = await boundPlans(connection, job);
  const scans: Scan[] = [];
  for (const bound of plans) {
    const { table } = bound.plan;
    if (table === null) continue;
    const { files } = job.snapshot.tables[table];
    const copies = bound.plan.copies?.(job.snapshot, bound.stored) ?? [];
    const add = async (read: readonly SnapshotFile[], { columns, filters }: PlannedScan) => {
      const scan = { columns: columnsOf(table, columns), filters };
      scans.push({ table, ...scan, ...(await extent(connection, read, scan)) });
    };
    if (copies.length > 0) await add(copies, { columns: COPY_COLUMNS, filters: [] });
    for (const part of [files.filter((file) => !copies.includes(file)), copies]) {
      if (part.length === 0) continue;
      await showOnly(connection, job, plans, bound, part);
      for (const scan of await plannedScans(connection, job)) await add(part, scan);
    }
  }
  await out.frame({ kind: 'plan', scans });
  await out.frame({ kind: 'done', rowCount: 0, truncated: null });
}

/**
 * Leaves one view over some of its files and puts stand-ins in the place of the other tables: a plan does not say what
 * a scan reads, so it is made once for each part.
 */
async function showOnly(
  connection: DuckDBConnection,
  job: Job,
  plans: readonly BoundPlan[],
  { plan: shown, stored }: BoundPlan,
  files: readonly SnapshotFile[],
): Promise<void> {
  const part = { ...job.snapshot, tables: { ...job.snapshot.tables, [shown.table!]: { files } } };
  await replaceViews(connection, job, plans, ({ plan }) => {
    if (plan === shown) return plan.sql(part, stored);
    return plan.table === null ? plan.sql(job.snapshot, stored) : standIn(plan.table);
  });
}

/** Those of the names that are columns of the table. */
function columnsOf(table: TableName, names: readonly string[]): readonly string[] {
  const known = new Set<string>(TABLES[table].map(({ name }) => name));
  return names.filter((name) => known.has(name));
}

/** The table's columns over rows that are no scan, and of which the optimiser knows nothing it could leave out. */
function standIn(table: TableName): string {
  const columns = TABLES[table].map(
    ({ name, type }) =>
      `CAST(nullif(CAST(range AS VARCHAR), '') AS ${DUCKDB_TYPES[type]}) AS ${quoteName(name)}`,
  );
  return `SELECT ${columns.join(', ')} FROM range(1000000)`;
}

interface PlanNode {
  readonly name: string;
  readonly children: readonly PlanNode[];
  readonly extra_info: Readonly<Record<string, string | readonly string[]>>;
}

type PlannedScan = Pick<Scan, 'columns' | 'filters'>;

async function plannedScans(connection: DuckDBConnection, job: Job): Promise<readonly PlannedScan[]> {
  const reader = await connection.runAndReadAll(`EXPLAIN (FORMAT json) ${job.sql}`, bind(job.parameters));
  const plan = JSON.parse(String(reader.getRows()[0]?.[1])) as readonly PlanNode[];
  const scans: PlannedScan[] = [];
  const visit = ({ name, children, extra_info: info }: PlanNode): void => {
    if (/PARQUET/.test(name)) {
      const filters = asList(info['Filters']);
      const named = filters.flatMap(namesIn);
      scans.push({ columns: [...new Set([...asList(info['Projections']), ...named])], filters });
    }
    children.forEach(visit);
  };
  plan.forEach(visit);
  return scans;
}

/** Every word of a condition outside its texts, columns among them. */
const namesIn = (filter: string): readonly string[] =>
  filter.replace(/'(?:[^']|'')*'/g, '').match(/[A-Za-z_]\w*/g) ?? [];

const asList = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? value.split('\n') : value;

/** Files, row groups, rows and bytes of a scan; row groups outside its bounds on `time` are left out. */
async function extent(
  connection: DuckDBConnection,
  files: readonly SnapshotFile[],
  { columns, filters }: PlannedScan,
): Promise<Pick<Scan, 'files' | 'rowGroups' | 'rows' | 'bytes'>> {
  const paths = files.map(({ path }) => quoteText(literalPath(path))).join(', ');
  const wanted = columns.map(quoteText).join(', ') || "''";
  const reader = await connection.runAndReadAll(`
    WITH chunks AS (
      SELECT file_name, row_group_id, row_group_num_rows AS n, total_compressed_size AS size,
        string_split(path_in_schema, ', ')[1] AS name, stats_min_value AS low, stats_max_value AS high
      FROM parquet_metadata([${paths}])),
    groups AS (
      SELECT file_name, row_group_id, any_value(n) AS n,
        coalesce(sum(size) FILTER (WHERE name IN (${wanted})), 0) AS size,
        any_value(TRY_CAST(low AS TIMESTAMPTZ)) FILTER (WHERE name = 'time') AS low,
        any_value(TRY_CAST(high AS TIMESTAMPTZ)) FILTER (WHERE name = 'time') AS high
      FROM chunks GROUP BY ALL)
    SELECT count(DISTINCT file_name), count(*), coalesce(sum(n), 0), coalesce(sum(size), 0)
    FROM groups WHERE ${[...timeBounds(filters), 'true'].join(' AND ')}`);
  const [fileCount, rowGroups, rows, bytes] = reader.getRows()[0]!.map(Number);
  return { files: fileCount!, rowGroups: rowGroups!, rows: rows!, bytes: bytes! };
}

/** `time>='…'` as a condition on a row group's bounds; a group without bounds stays. */
function timeBounds(filters: readonly string[]): readonly string[] {
  return filters.flatMap((filter) => {
    const [, comparison, instant] = /^time(>=?|<=?|=)'([0-9 :.+-]+)'/.exec(filter) ?? [];
    if (comparison === undefined || instant === undefined) return [];
    const bound = `TIMESTAMPTZ ${quoteText(instant)}`;
    const conditions = comparison === '=' ? [`high >= ${bound}`, `low <= ${bound}`] : [];
    if (comparison.startsWith('>')) conditions.push(`high ${comparison} ${bound}`);
    if (comparison.startsWith('<')) conditions.push(`low ${comparison} ${bound}`);
    return conditions.map((condition) => `coalesce(${condition}, true)`);
  });
}
