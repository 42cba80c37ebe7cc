/**
 * An answer as a Parquet file.
 *
 * DuckDB writes it here, in the sandbox, so that every type arrives as it is: to the one path the parent allowed, a file
 * of the parent's own private folder that nothing else reads. The statement was admitted as a SELECT and cannot name
 * that path; even one that slipped through could only spoil its own answer.
 */

import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from '../sql-text.ts';
import { bind, bindTypes, type Outlet } from './answer.ts';
import type { Job } from './protocol.ts';

export async function writeParquet(connection: DuckDBConnection, job: Job, out: Outlet): Promise<void> {
  // `job.sql` is the parent's own SELECT around the statement, so it ends where this bracket closes.
  const copy = `COPY (${job.sql}) TO ${quoteText(job.output!)}
    (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`;
  const result = await connection.run(copy, bind(job.parameters), bindTypes(job.parameters));
  await out.frame({ kind: 'done', rowCount: result.rowsChanged, truncated: null });
}
