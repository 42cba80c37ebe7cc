/** Makes a fresh DuckDB ready for one stranger's statement: the views it names, and then nothing else. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { TABLES, type TableName } from '../../schema/columns.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import { literalPath, readParquet, type StoredColumns } from '../views/relation.ts';
import { publishedViews, tablesOf, withDependencies } from '../views.ts';
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
}

/** Creates the job's views over its snapshot. The statement itself is not touched here. */
export async function createViews(connection: DuckDBConnection, job: Job): Promise<void> {
  for (const [name, sql] of await viewTexts(connection, job)) {
    await connection.run(`CREATE OR REPLACE VIEW ${quoteName(name)} AS ${sql}`);
  }
}

/** The SQL of each view the job names and of those they are built on, in an order in which they can be created. */
async function viewTexts(connection: DuckDBConnection, job: Job): Promise<ReadonlyMap<string, string>> {
  const plans = withDependencies(publishedViews(job.native, job.sourceRank), job.views);
  const columns = new Map<TableName, StoredColumns>();
  for (const table of tablesOf(plans)) {
    columns.set(table, await storedColumns(connection, job.snapshot.tables[table].files));
  }
  const none: StoredColumns = new Map();
  return new Map(
    plans.map(({ name, table, sql }) => [
      name,
      sql(job.snapshot, table === null ? none : columns.get(table)!),
    ]),
  );
}

async function storedColumns(
  connection: DuckDBConnection,
  files: readonly SnapshotFile[],
): Promise<StoredColumns> {
  if (files.length === 0) return new Map();
  const reader = await connection.runAndReadAll(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${readParquet(files)})`,
  );
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

/**
 * Closes every way out: from here on the instance opens the job's files and its output, no other path, no network and
 * no extension, and no setting can be changed back. Single files, because DuckDB may write into allowed directories.
 */
export async function lock(connection: DuckDBConnection, job: Job): Promise<void> {
  const files = Object.keys(TABLES).flatMap((table) => job.snapshot.tables[table as TableName].files);
  const paths = new Set(files.flatMap(({ path }) => [path, literalPath(path)]));
  if (job.output !== null) paths.add(job.output);
  const settings = [
    `allowed_paths = [${[...paths].map(quoteText).join(', ')}]`,
    `memory_limit = '${Math.floor(job.engineMemory / 1024)}KiB'`,
    `home_directory = ${quoteText(process.cwd())}`,
    'enable_external_access = false',
    'lock_configuration = true',
  ];
  for (const setting of settings) await connection.run(`SET ${setting}`);
}
