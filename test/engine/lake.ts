/** A lake of a few tiny Parquet files, made with DuckDB alone. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { configure, createViews } from '../../engine/sandbox/prepare.ts';
import type { Job } from '../../engine/sandbox/protocol.ts';
import type { Snapshot, SnapshotFile } from '../../engine/snapshot.ts';
import { quoteName, quoteText } from '../../engine/sql-text.ts';
import { DUCKDB_TYPES } from '../../engine/views/relation.ts';
import { type NativeView, publishedViews } from '../../engine/views.ts';
import { type Row, TABLES, type TableName } from '../../schema/columns.ts';

/** `time` may be given as text; what is left out is null. */
type Given<T extends TableName> = { [C in keyof Row<T>]?: Row<T>[C] | string };

export interface FileOptions {
  readonly overlaps?: boolean;
  /** Columns the file does not have, as one written before they existed. */
  readonly without?: readonly string[];
  /** Columns the catalogue does not have, or has with another type, by name and SQL expression. */
  readonly also?: Readonly<Record<string, string>>;
}

export class TestLake {
  readonly folder = mkdtempSync(join(tmpdir(), 'akashi-test-'));
  readonly #tables = Object.fromEntries(
    Object.keys(TABLES).map((table) => [table, { files: [] }]),
  ) as unknown as Record<TableName, { files: SnapshotFile[] }>;
  readonly #connection = DuckDBInstance.create(':memory:').then((instance) => instance.connect());

  get snapshot(): Snapshot {
    return { head: 'head-1', tables: this.#tables };
  }

  /** Adds one data file, read-only like those of a real lake. */
  async add<T extends TableName>(
    table: T,
    rows: readonly Given<T>[],
    { overlaps = false, without = [], also = {} }: FileOptions = {},
    name = `${table}-${this.#tables[table].files.length}.parquet`,
  ): Promise<SnapshotFile> {
    const columns = TABLES[table].filter(
      (column) => !without.includes(column.name) && !(column.name in also),
    );
    const extra = Object.entries(also).map(([column, sql]) => `${sql} AS ${quoteName(column)}`);
    const selects = rows.map((row) => {
      const values = row as Record<string, unknown>;
      const cells = columns.map(
        ({ name: column, type }) =>
          `CAST(${literal(values[column], type)} AS ${DUCKDB_TYPES[type]}) AS ${quoteName(column)}`,
      );
      return `SELECT ${[...cells, ...extra].join(', ')}`;
    });
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const connection = await this.#connection;
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (${selects.join(' UNION ALL ')}) TO ${quoteText(path)} (FORMAT parquet)`);
    chmodSync(path, 0o444);
    const file = { path, day: '2026-01-31', rows: rows.length, bytes: statSync(path).size, overlaps };
    this.#tables[table].files.push(file);
    return file;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function literal(value: unknown, type: string): string {
  if (value === undefined || value === null) return 'NULL';
  if (type === 'time' && typeof value === 'number') return `make_timestamptz(${value})`;
  if (Array.isArray(value)) return `[${value.map((item) => quoteText(String(item))).join(', ')}]`;
  return typeof value === 'string' ? quoteText(value) : String(value);
}

/** A job for the sandbox that has not been through the gate. */
export function jobFor(
  snapshot: Snapshot,
  sql: string,
  views: readonly string[],
  native: readonly NativeView[] = [],
): Job {
  return {
    kind: 'rows',
    sql,
    parameters: [],
    views,
    native,
    sourceRank: [],
    snapshot,
    threads: 2,
    engineMemory: 200 * 2 ** 20,
    maxRows: 1_000,
    maxBytes: 2 ** 20,
    output: null,
  };
}

/** A connection of our own with all views of the snapshot, for looking at what they show. */
export async function openViews(
  snapshot: Snapshot,
  native: readonly NativeView[] = [],
  sourceRank: readonly string[] = [],
  engineMemory = 2 ** 28,
): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await configure(connection);
  // The views of OCSF classes are large, and tested on their own.
  const views = [...publishedViews(native).keys()].filter((name) => !name.startsWith('ocsf_'));
  await createViews(connection, { ...jobFor(snapshot, '', views, native), sourceRank, engineMemory });
  return connection;
}

/** Rows as DuckDB's own JSON form. */
export const rowsOf = async (connection: DuckDBConnection, sql: string): Promise<readonly unknown[][]> =>
  (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
