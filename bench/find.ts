/**
 * How long a needle takes in a year of logs, and what is read for it, beside DuckDB over the same files: asked in the one
 * column where it stands (which somebody who searches does not know), and in all the columns that `find` looks into. Cold:
 * a lake just opened, its files put out of the system's cache where that can be done. Warm: the best of several, asked anew.
 */

import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { FIND_COLUMNS, type FindRequest, find, planFind } from '../engine/find/find.ts';
import { needleOf } from '../engine/find/needle.ts';
import { readSnapshot } from '../engine/lake-snapshot.ts';
import { indexStats } from '../stages/lake-index.ts';
import { needleColumns } from '../tables/needle/columns.ts';
import { openLakeForReading } from '../vault/lake.ts';
import { printTable } from './print.ts';
import { NEEDLE_HITS, needle, yearLake } from './query-lake.ts';

const ROUNDS = 5;
const KINDS = { ip: 'src_ip', key: 'actor_credential', arn: 'actor_id' } as const;

/** `scale` 1: 400,000 events and 500,000 flows. `folder` keeps the lake for the next run. */
export async function benchFind(scale: number, folder = join(tmpdir(), 'akashi-bench-lakes')): Promise<void> {
  const root = await yearLake(folder, Math.round(400_000 * scale), Math.round(500_000 * scale));
  await measureFind(root);
}

/** The same over a lake that is there: the needles of `query-lake.ts` if it has them, or of its own values those that come nearest. */
export async function measureFind(root: string): Promise<void> {
  await printIndex(root);
  const rows: string[][] = [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const live = (await readSnapshot(await openLakeForReading(root))).tables.events.files;
  const files = `read_parquet([${live.map(({ path }) => `'${path}'`).join(', ')}], union_by_name = true)`;
  const count = async (sql: string) => {
    const started = performance.now();
    const reader = await connection.runAndReadAll(sql);
    return { rows: reader.currentRowCount, millis: performance.now() - started };
  };
  for (const hits of NEEDLE_HITS) {
    for (const [kind, column] of Object.entries(KINDS) as [keyof typeof KINDS, string][]) {
      const planted =
        (await count(`SELECT 1 FROM ${files} WHERE ${column} = '${needle(hits)[kind]}'`)).rows > 0;
      const value = planted ? needle(hits)[kind] : await nearest(connection, files, column, hits);
      const isCold = evict(root);
      const cold = await ask(root, value);
      const warm = await best(() => ask(root, value));
      const shown = FIND_COLUMNS.filter((name) => !['table', 'matched'].includes(name)).join(', ');
      const anywhere = [...needleColumns('events').keys()]
        .map((name) => (name === 'targets' ? `list_contains(targets, '${value}')` : `${name} = '${value}'`))
        .join(' OR ');
      const one = await best(() => count(`SELECT ${shown} FROM ${files} WHERE ${column} = '${value}'`));
      const all = await best(() => count(`SELECT ${shown} FROM ${files} WHERE ${anywhere}`), 2);
      if (one.rows !== warm.rows || all.rows !== warm.rows)
        throw new Error(`find gave ${warm.rows} rows for ${value}, DuckDB ${one.rows} and ${all.rows}`);
      rows.push([
        `${kind}, ${warm.rows} hits`,
        `${warm.files}`,
        `${(100 * cold.share).toFixed(2)} %`,
        `${cold.first.toFixed(0)}`,
        `${cold.millis.toFixed(0)}${isCold ? '' : ' (cached)'}`,
        warm.first.toFixed(0),
        warm.millis.toFixed(0),
        one.millis.toFixed(0),
        all.millis.toFixed(0),
      ]);
    }
  }
  connection.closeSync();
  printTable(
    'A needle in a year: milliseconds of engine time; DuckDB over the same files, in one column and in all',
    ['', 'files', 'read, cold', 'first row', 'cold', 'first row', 'warm', 'DuckDB, one', 'DuckDB, all'],
    rows,
  );
}

/** The value that a column holds nearest to so many times. */
async function nearest(
  connection: DuckDBConnection,
  files: string,
  column: string,
  hits: number,
): Promise<string> {
  const reader = await connection.runAndReadAll(
    `SELECT ${column} FROM ${files} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY abs(count(*) - ${hits}), 1 LIMIT 1`,
  );
  return String(reader.getRows()[0]?.[0]);
}

interface Asked {
  readonly rows: number;
  readonly millis: number;
  readonly first: number;
  /** Bytes read of those in the tables, index and sidecars counted in. */
  readonly share: number;
  readonly files: number;
}

async function ask(root: string, value: string): Promise<Asked> {
  const started = performance.now();
  const { vault, state } = await openLakeForReading(root);
  const request: FindRequest = { vault, state, needle: needleOf(value) };
  const plan = await planFind(request);
  let rows = 0;
  let first = 0;
  for await (const batch of find(request, plan)) {
    if (rows === 0) first = performance.now() - started;
    rows += batch.length;
  }
  const { meter, tableBytes, files } = plan;
  return { rows, millis: performance.now() - started, first, share: meter.bytes / tableBytes, files };
}

async function best<T extends { readonly millis: number }>(
  work: () => Promise<T>,
  rounds = ROUNDS,
): Promise<T> {
  let found = await work();
  for (let round = 1; round < rounds; round++) {
    const next = await work();
    if (next.millis < found.millis) found = next;
  }
  return found;
}

/** Puts the lake's files out of the system's cache: GNU dd asks the kernel to drop a file's pages. */
function evict(root: string): boolean {
  const drop =
    'find "$1/vault/tables" "$1/state" -type f -exec dd if={} iflag=nocache count=0 status=none \\;';
  return spawnSync('sh', ['-c', drop, 'sh', root]).status === 0;
}

async function printIndex(root: string): Promise<void> {
  const stats = await indexStats(await openLakeForReading(root));
  printTable(
    'The needle index',
    ['', 'data files', 'packs', 'row groups', 'fingerprints', 'bits each', 'MB', 'of the Parquet'],
    stats.map(({ table, files, packs, rowGroups, fingerprints, bytes, dataBytes }) => [
      table,
      ...[files, packs, rowGroups, fingerprints].map((number) => number.toLocaleString('en-US')),
      ((8 * bytes) / fingerprints).toFixed(2),
      (bytes / 1e6).toFixed(1),
      `${((100 * bytes) / dataBytes).toFixed(2)} %`,
    ]),
  );
}
