/**
 * How long questions take over a year of logs, beside DuckDB over the same files and beside DuckDB over one file of the same
 * rows that could not be sorted better. Same machine, same run, one after another; the best of several rounds each.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { nativeViews } from '../connectors/native-views.ts';
import { explainQuery } from '../engine/explain.ts';
import { SqlParser } from '../engine/gate.ts';
import { readSnapshot } from '../engine/lake-snapshot.ts';
import { withDefaults } from '../engine/limits.ts';
import { chooseFiles } from '../engine/plan/choose.ts';
import { inPlace } from '../engine/plan/parts.ts';
import { runQuery } from '../engine/query.ts';
import { prewarmed } from '../engine/sandbox/pool.ts';
import type { Snapshot, SnapshotFile } from '../engine/snapshot.ts';
import { publishedViews, withDependencies } from '../engine/views.ts';
import { openLakeForReading } from '../vault/lake.ts';
import { printTable } from './print.ts';
import { yearLake } from './query-lake.ts';

const ROUNDS = 3;
const MANY_FILES = 10_000;

interface Question {
  readonly name: string;
  readonly table: Table;
  readonly sql: string;
  /** Times the reference may take, at most. */
  readonly target: string;
}

/** `scale` 1: 400,000 events and 500,000 flows. `folder` keeps the lake for the next run. */
export async function benchQuery(
  scale: number,
  folder = join(tmpdir(), 'akashi-bench-lakes'),
): Promise<void> {
  await measureQueries(await yearLake(folder, Math.round(400_000 * scale), Math.round(500_000 * scale)));
}

/** The same over a lake that is there. */
export async function measureQueries(root: string): Promise<void> {
  const lake = await openLakeForReading(root);
  const snapshot = await readSnapshot(lake);
  const limits = withDefaults();
  const sandboxes = prewarmed(limits, 1);
  const parser = new SqlParser();
  const connection = await (
    await DuckDBInstance.create(':memory:', { threads: String(limits.threads) })
  ).connect();
  await connection.run("SET TimeZone = 'UTC'");
  const ask = async (sql: string, ahead: boolean) => {
    const started = performance.now();
    const ready = ahead ? { sandboxes, parser } : {};
    let rows = 0;
    const answer = await runQuery({ sql, snapshot, views: nativeViews(), ...ready });
    for await (const batch of answer) rows += batch.length;
    return { millis: performance.now() - started, rows };
  };
  try {
    const held = (['events', 'flows'] as const).filter((table) => snapshot.tables[table].files.length > 0);
    const ideal = new Map<Table, string>();
    for (const table of held) ideal.set(table, await idealFile(connection, root, snapshot, table));
    const rows: string[][] = [];
    for (const { name, table, sql, target } of await questions(connection, snapshot)) {
      const path = ideal.get(table);
      if (path === undefined) continue;
      const { share, files } = await explainQuery({ sql, snapshot, views: nativeViews() });
      const { cold, ours, glob, one, started } = await interleaved({
        cold: () => ask(sql, false),
        ours: async () => {
          await pause();
          return ask(sql, true);
        },
        one: () => plain(connection, over(sql, table, `'${path}'`)),
        glob: () => plain(connection, over(sql, table, filesOf(snapshot, table))),
        started: async () => freshDuckDB(over(sql, table, `'${path}'`), limits.threads),
      });
      if (ours.rows !== glob.rows || ours.rows !== one.rows)
        throw new Error(`${name}: ${ours.rows}, ${glob.rows}, ${one.rows} rows`);
      const ratio = (a: Timing, b: Timing) => `${(a.millis / b.millis).toFixed(2)}×`;
      rows.push([
        name,
        String(files),
        `${(share * 100).toFixed(2)} %`,
        ...[ours, glob, one, cold, started].map(({ millis }) => millis.toFixed(0)),
        ratio(ours, glob),
        ratio(ours, one),
        ratio(cold, started),
        target,
      ]);
    }
    const files = held.reduce((sum, table) => sum + snapshot.tables[table].files.length, 0);
    const columns = [
      '',
      'files',
      'read',
      'ready',
      'DuckDB, same files',
      'ideal file',
      'started',
      'ideal, started',
    ];
    printTable(
      `Questions to a year of ${files} files, milliseconds; ready: a process stands by, DuckDB is open; started: a process is started for it`,
      [...columns, 'ready : same files', 'ready : ideal', 'started : ideal, started', 'target'],
      rows,
    );
    await printStart();
    if (snapshot.tables.events.files.length === 0) return;
    await printPlanning(snapshot);
    await printBytes(snapshot);
  } finally {
    await sandboxes.close();
    await parser.close();
    connection.closeSync();
  }
}

/** Asked of the middle of the year. The actor is one of many. */
async function questions(connection: DuckDBConnection, snapshot: Snapshot): Promise<readonly Question[]> {
  const { events, flows } = snapshot.tables;
  return [
    ...(events.files.length > 0 ? await aboutEvents(connection, events.files) : []),
    ...(flows.files.length > 0 ? [aboutFlows(flows.files)] : []),
  ];
}

/** `add` days after the middle one. */
const dayOf = (files: readonly SnapshotFile[], add: number): string => {
  const days = files.map(({ day }) => day).sort();
  return new Date(Date.parse(days[days.length >> 1]!) + add * 86_400_000).toISOString().slice(0, 10);
};
const within = (files: readonly SnapshotFile[], days: number): string =>
  `time >= '${dayOf(files, 0)}' AND time < '${dayOf(files, days)}'`;

const aboutFlows = (files: readonly SnapshotFile[]): Question => ({
  name: 'top talkers, 1 day',
  table: 'flows',
  sql: `SELECT src_ip, dst_ip, sum(bytes) FROM flows WHERE ${within(files, 1)} GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 20`,
  target: '≤ 1.15× ideal',
});

async function aboutEvents(
  connection: DuckDBConnection,
  files: readonly SnapshotFile[],
): Promise<readonly Question[]> {
  const [middle] = files.filter(({ day }) => day === dayOf(files, 0));
  const found = await connection.runAndReadAll(
    `SELECT actor_id, src_ip, actor_credential FROM '${middle!.path}' WHERE actor_id IS NOT NULL AND src_ip IS NOT NULL LIMIT 1`,
  );
  const [actor, ip, key] = found.getRows()[0]!.map(String);
  const count = 'SELECT count(*), min(time), max(time)';
  return [
    {
      name: 'needle by IP, the year',
      table: 'events',
      sql: `${count} FROM events WHERE src_ip = '${ip}'`,
      target: '≤ 2 %, 1 s / 150 ms',
    },
    {
      name: 'needle by key, the year',
      table: 'events',
      sql: `${count} FROM events WHERE actor_credential = '${key}'`,
      target: '≤ 2 %, 1 s / 150 ms',
    },
    {
      name: 'needle by ARN, the year',
      table: 'events',
      sql: `${count} FROM events WHERE actor_id = '${actor}'`,
      target: '≤ 2 %, 1 s / 150 ms',
    },
    {
      name: 'one actor, 30 days',
      table: 'events',
      sql: `SELECT time, action, src_ip, target_id, status FROM events WHERE actor_id = '${actor}' AND ${within(files, 30)} ORDER BY time`,
      target: '≤ 1.15× ideal',
    },
    {
      name: 'errors by action, 7 days',
      table: 'events',
      sql: `SELECT action, error_code, count(*) FROM events WHERE error_code IS NOT NULL AND ${within(files, 7)} GROUP BY ALL ORDER BY 3 DESC, 1, 2`,
      target: '≤ 1.15× ideal',
    },
    {
      name: 'group by action, the year',
      table: 'events',
      sql: 'SELECT action, count(*), count(DISTINCT account) FROM events GROUP BY 1 ORDER BY 2 DESC, 1',
      target: '≤ 1.2× ideal',
    },
  ];
}

type Table = 'events' | 'flows';
const over = (sql: string, table: Table, place: string): string =>
  sql.replace(`FROM ${table} `, `FROM ${place} `);
/** The files that count now: those that a compaction merged lie beside them until they expire. */
const filesOf = ({ tables }: Snapshot, table: Table): string =>
  `read_parquet([${tables[table].files.map(({ path }) => `'${path}'`).join(', ')}])`;

/** The columns that questions here read, and no others: reading them takes no longer for those beside them. */
const ASKED: Readonly<Record<Table, string>> = {
  events: 'time, action, src_ip, actor_id, actor_credential, target_id, status, error_code, account',
  flows: 'time, src_ip, dst_ip, bytes',
};

async function idealFile(
  connection: DuckDBConnection,
  root: string,
  snapshot: Snapshot,
  table: Table,
): Promise<string> {
  const path = `${root.replace(/\/$/, '')}-ideal-${table}.parquet`;
  if (existsSync(path)) return path;
  process.stderr.write(`making the ideal file of ${table}\n`);
  await connection.run(
    `COPY (SELECT ${ASKED[table]} FROM ${filesOf(snapshot, table)} ORDER BY time) TO '${path}.part'
      (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
  );
  renameSync(`${path}.part`, path);
  return path;
}

interface Timing {
  readonly millis: number;
  readonly rows: number;
}

async function plain(connection: DuckDBConnection, sql: string): Promise<Timing> {
  const started = performance.now();
  const reader = await connection.runAndReadAll(sql);
  return { millis: performance.now() - started, rows: reader.currentRowCount };
}

/** In a process that is started for it, as somebody without Akashi would do. */
function freshDuckDB(sql: string, threads: number): Timing {
  const program = `import { DuckDBInstance } from '@duckdb/node-api';
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '${threads}' })).connect();
    await connection.run("SET TimeZone = 'UTC'");
    console.log((await connection.runAndReadAll(${JSON.stringify(sql)})).currentRowCount);`;
  const started = performance.now();
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  return { millis: performance.now() - started, rows: Number(stdout) };
}

/** Until the next process is ready: a server has had it standing by. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 1_500));

/** The best of several rounds each; in turn, so that what else the machine does falls on all alike. */
async function interleaved<K extends string>(
  works: Readonly<Record<K, () => Promise<Timing>>>,
): Promise<Record<K, Timing>> {
  const found: Partial<Record<K, Timing>> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(works) as K[]) {
      const timing = await works[name]();
      if (timing.millis < (found[name]?.millis ?? Infinity)) found[name] = timing;
    }
  }
  return found as Record<K, Timing>;
}

/** A process of its own each, as somebody at a terminal starts one. */
async function printStart(): Promise<void> {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const ours = `const { runQuery } = await import(${module('../engine/query.ts')});
    const { TABLES } = await import(${module('../schema/columns.ts')});
    const tables = Object.fromEntries(Object.keys(TABLES).map((table) => [table, { files: [] }]));
    const started = performance.now();
    for await (const batch of await runQuery({ sql: 'SELECT 1', snapshot: { head: '', tables }, views: [] })) {
      console.log(performance.now() - started);
      break;
    }`;
  const duckdb = `const started = performance.now();
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.runAndReadAll('SELECT 1');
    console.log(performance.now() - started);`;
  const run = (program: string) => {
    const times = Array.from({ length: ROUNDS }, () => {
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        encoding: 'utf8',
      });
      return Number(stdout);
    });
    return Math.min(...times);
  };
  printTable(
    'Engine start to first row, empty cache, milliseconds',
    ['', 'ms', 'target'],
    [
      ['Akashi: sandbox, engine, SELECT 1', run(ours).toFixed(0), '≤ 700'],
      ['DuckDB: open, SELECT 1', run(duckdb).toFixed(0), ''],
    ],
  );
}

/** Choosing among ten thousand files, by time and by a condition nothing is known of. */
async function printPlanning(snapshot: Snapshot): Promise<void> {
  const sample = snapshot.tables.events.files;
  const files = Array.from(
    { length: MANY_FILES },
    (_, at): SnapshotFile => ({ ...sample[at % sample.length]! }),
  );
  const many = { ...snapshot, tables: { ...snapshot.tables, events: { files } } };
  const views = withDependencies(publishedViews([]), ['events']);
  const from = sample[0]!.minTime ?? 0;
  const condition = { kind: 'compare', column: 'time', than: '>=', value: from } as const;
  const scans = [{ name: 'events', columns: ['time'], condition }];
  const { choose } = await interleaved({
    choose: async () => {
      const started = performance.now();
      const [chosen] = await chooseFiles(many, views, scans);
      return { millis: performance.now() - started, rows: chosen!.files.length };
    },
  });
  printTable(
    'Planning at 10,000 data files, milliseconds',
    ['', 'ms', 'target'],
    [['choosing files by the table’s metadata', choose.millis.toFixed(1), '≤ 250']],
  );
}

async function printBytes({ tables }: Snapshot): Promise<void> {
  const { files } = tables.events;
  const byColumn = new Map<string, number>();
  let [rows, bytes, blooms] = [0, 0, 0];
  for (const [at, footer] of (await inPlace.footers(files)).entries()) {
    rows += footer.rows;
    bytes += files[at]!.bytes;
    for (const { column, length, bloom } of footer.groups.flatMap(({ chunks }) => chunks)) {
      byColumn.set(column, (byColumn.get(column) ?? 0) + length);
      blooms += bloom?.length ?? 0;
    }
  }
  const each = (total: number) => (total / rows).toFixed(1);
  const largest = [...byColumn].sort(([, a], [, b]) => b - a).slice(0, 12);
  printTable(
    'Bytes an event',
    ['', 'bytes', 'target'],
    [
      ['without raw', each(bytes - (byColumn.get('raw') ?? 0)), '≤ 90'],
      ['with raw', each(bytes), '≤ 230'],
      ...largest.map(([column, total]) => [`  ${column}`, each(total), '']),
      ['  bloom filters', each(blooms), ''],
    ],
  );
}
