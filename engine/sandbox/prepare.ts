/** Makes a fresh DuckDB ready for one stranger's statement: the views it names, and then nothing else. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { TABLES, type TableName } from '../../schema/columns.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import {
  byFieldId,
  catalogueColumns,
  literalPath,
  readParquet,
  type StoredColumns,
} from '../views/relation.ts';
import { publishedViews, tablesOf, type ViewPlan, withDependencies } from '../views.ts';
import type { Job } from './protocol.ts';

/** Settings that can only be given when the instance is made, or need to hold from its first moment. */
export const INSTANCE_OPTIONS: Readonly<Record<string, string>> = {
  temp_directory: '',
  // The job says how many; each one's stack counts against the memory limit.
  threads: '1',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_unsigned_extensions: 'false',
  allow_persistent_secrets: 'false',
};

/** Settings of extensions, which the instance only knows once it runs. */
export async function configure(connection: DuckDBConnection): Promise<void> {
  await connection.run("SET TimeZone = 'UTC'");
  // Views are bound when they are created and again when they are used.
  await connection.run('SET parquet_metadata_cache = true');
  // The files are local and lie in the system's own cache, which does not count against the process.
  await connection.run('SET enable_external_file_cache = false');
}

/** Limits what the engine takes, our own preparation included. */
export async function limit(connection: DuckDBConnection, job: Job): Promise<void> {
  const kibibytes = (bytes: number) => `'${Math.floor(bytes / 1024)}KiB'`;
  // Freed memory that the allocator keeps counts against the process as well. By default that is up to 512 MiB; giving
  // it back at once takes a third longer, so it keeps a little.
  const keep = job.engineMemory / 256;
  const settings = [
    `threads = ${job.threads}`,
    `memory_limit = ${kibibytes(job.engineMemory)}`,
    `allocator_flush_threshold = ${kibibytes(keep)}`,
    `allocator_bulk_deallocation_flush_threshold = ${kibibytes(keep)}`,
  ];
  for (const setting of settings) await connection.run(`SET ${setting}`);
}

/**
 * Creates the job's views over its snapshot, and before them the tables some are built on. The statement itself is not
 * touched here.
 */
export async function createViews(connection: DuckDBConnection, job: Job): Promise<void> {
  const plans = await boundPlans(connection, job);
  for (const { plan, stored } of plans) {
    const { create, fill } = plan.before?.(job.snapshot, stored, job.engineMemory) ?? {
      create: [],
      fill: [],
    };
    for (const sql of [...create, ...fill]) await connection.run(sql);
  }
  for (const { plan, stored } of plans) {
    await connection.run(`CREATE VIEW ${quoteName(plan.name)} AS ${plan.sql(job.snapshot, stored)}`);
  }
}

/** A view with the columns that the files of its table hold. */
interface BoundPlan {
  readonly plan: ViewPlan;
  readonly stored: StoredColumns;
}

/** The views the job names and those they are built on, in an order in which they can be created. */
async function boundPlans(connection: DuckDBConnection, job: Job): Promise<readonly BoundPlan[]> {
  const plans = withDependencies(publishedViews(job.native, job.sourceRank), job.views);
  const columns = new Map<TableName | null, StoredColumns>([[null, new Map()]]);
  for (const table of tablesOf(plans)) {
    const { files } = job.snapshot.tables[table];
    columns.set(
      table,
      byFieldId(files) ? catalogueColumns(table) : await storedColumns(connection, table, files),
    );
  }
  return plans.map((plan) => ({ plan, stored: columns.get(plan.table)! }));
}

async function storedColumns(
  connection: DuckDBConnection,
  table: TableName,
  files: readonly SnapshotFile[],
): Promise<StoredColumns> {
  if (files.length === 0) return new Map();
  const reader = await connection.runAndReadAll(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${readParquet(table, files)})`,
  );
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

/**
 * Closes every way out: from here on the instance opens the job's files and its outputs, no other path, no network and
 * no extension, and no setting can be changed back. Single files, because DuckDB may write into allowed directories.
 */
export async function lock(connection: DuckDBConnection, job: Job): Promise<void> {
  const files = Object.keys(TABLES).flatMap((table) => job.snapshot.tables[table as TableName].files);
  const paths = new Set(files.flatMap(({ path }) => [path, literalPath(path)]));
  for (const output of [job.output, ...(job.more ?? []).map((statement) => statement.output)])
    if (typeof output === 'string') paths.add(output);
  const settings = [
    `allowed_paths = [${[...paths].map(quoteText).join(', ')}]`,
    `home_directory = ${quoteText(process.cwd())}`,
    'enable_external_access = false',
    'lock_configuration = true',
  ];
  for (const setting of settings) await connection.run(`SET ${setting}`);
}
