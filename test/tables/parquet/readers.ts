/** Two independent readers of the files under test, each giving rows of plain JavaScript values. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Column } from '../../../schema/columns.ts';

export type Cell = string | number | boolean | readonly string[] | null;
export type PlainRow = Record<string, Cell>;

/** Times as microseconds, 64-bit integers as numbers. */
export async function readWithHyparquet(bytes: Uint8Array, columns: readonly Column[]): Promise<PlainRow[]> {
  const copy = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({
    file: { byteLength: copy.byteLength, slice: (start, end) => copy.slice(start, end) },
    compressors,
    parsers: { timestampFromMicroseconds: (micros: bigint) => micros },
  });
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name }) => {
        const value: unknown = row[name];
        return [name, (typeof value === 'bigint' ? Number(value) : (value ?? null)) as Cell];
      }),
    ),
  );
}

/** A DuckDB that reads `file.parquet`, written from `bytes`, as the view `t`. */
export async function openInDuckDB(bytes: Uint8Array): Promise<{
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): void;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-parquet-'));
  const path = join(folder, 'file.parquet');
  writeFileSync(path, bytes);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  await connection.run(`create view t as select * from '${path}'`);
  return {
    async query(sql) {
      const reader = await connection.runAndReadAll(sql.replaceAll('$file', `'${path}'`));
      return reader.getRowObjectsJS();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function readWithDuckDB(bytes: Uint8Array, columns: readonly Column[]): Promise<PlainRow[]> {
  const duck = await openInDuckDB(bytes);
  try {
    const list = columns.map(({ name, type }) =>
      type === 'time' ? `epoch_us("${name}") as "${name}"` : `"${name}"`,
    );
    const rows = await duck.query(`select ${list.join(', ')} from t`);
    return rows.map((row) =>
      Object.fromEntries(
        columns.map(({ name }) => {
          const value = row[name];
          return [name, (typeof value === 'bigint' ? Number(value) : value) as Cell];
        }),
      ),
    );
  } finally {
    duck.close();
  }
}
