/**
 * What it costs to turn rows into Parquet: our encoder beside DuckDB's appender and COPY, on the same CloudTrail rows.
 * Run with `node bench/parquet.ts [events]`; CPU time is of the whole process, all threads. Rows go in one by one as the
 * mapping makes them, as they do in the pipeline; what the mapping alone costs is measured by itself and subtracted.
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, DuckDBTimestampTZValue, LIST, VARCHAR } from '@duckdb/node-api';
import { awsCloudTrail } from '../connectors/aws-cloudtrail/index.ts';
import { normaliserFor } from '../connectors/normalise.ts';
import { type AuditEvent, type ColumnType, EVENT_COLUMNS } from '../schema/columns.ts';
import { RowBuffer } from '../tables/parquet/row-buffer.ts';
import { trailFile } from './generate.ts';

const EVENTS_A_FILE = 2_500;
const START = 1_767_225_600; // 2026-01-01T00:00:00Z
const SORT_BY = ['time', 'uid', 'evidence', 'locator'];
const ROUNDS = 4;

type TakeRow = (event: AuditEvent, exactRaw: Uint8Array | null) => void;

/** Hands over the rows of one log file. */
function rowsOf(body: Uint8Array, file: number, take: TakeRow): void {
  const facts = { sha256: file.toString(16).padStart(64, '0'), origin: `trail-${file}.json`, modified: null };
  const normalise = normaliserFor({ ...awsCloudTrail, mappingVersion: 'bench' }, facts);
  const fail = () => {
    throw new Error('a generated file has records that are no events');
  };
  const splitter = awsCloudTrail.records(
    {
      record(record) {
        const outcome = normalise(record);
        if (outcome.kind === 'event') take(outcome.event, record.bytes);
        else fail();
      },
      broken: fail,
      skipped: fail,
    },
    facts,
  );
  splitter.push(body);
  splitter.end();
}

/** CPU microseconds of the process spent in `work`. */
async function cpu(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function measureOurs(bodies: readonly Uint8Array[], mapping: number): Promise<number> {
  const buffer = new RowBuffer(EVENT_COLUMNS);
  let best = Number.POSITIVE_INFINITY;
  // The first rounds warm the compiler up; the best counts, since other work on the machine can only slow one down.
  for (let round = 0; round < ROUNDS; round++) {
    const add = await cpu(() =>
      bodies.forEach((body, file) => {
        rowsOf(body, file, (event, exactRaw) => buffer.add(event, exactRaw));
      }),
    );
    const { rows } = buffer;
    let size = 0;
    const finish = await cpu(() => {
      size = buffer.finish({ sortBy: SORT_BY })!.bytes.length;
    });
    report(`Akashi, round ${round + 1}`, rows, bodies, size, { add: add - mapping, finish });
    best = Math.min(best, add - mapping + finish);
  }
  return best;
}

const DUCKDB_TYPE: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  json: 'varchar',
  time: 'timestamptz',
  int: 'integer',
  long: 'bigint',
  bool: 'boolean',
  strings: 'varchar[]',
};

async function measureDuckDB(bodies: readonly Uint8Array[], mapping: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-bench-'));
  const path = join(folder, 'out.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const definitions = EVENT_COLUMNS.map(({ name, type }) => `"${name}" ${DUCKDB_TYPE[type]}`);
  await connection.run(`create table t (${definitions.join(', ')})`);
  const appender = await connection.createAppender('t');
  let rows = 0;
  const append = await cpu(() => {
    bodies.forEach((body, file) => {
      rowsOf(body, file, (event) => {
        for (const { name, type } of EVENT_COLUMNS) {
          const value = event[name];
          if (value === null) appender.appendNull();
          else if (type === 'time')
            appender.appendTimestampTZ(new DuckDBTimestampTZValue(BigInt(value as number)));
          else if (type === 'int') appender.appendInteger(value as number);
          else if (type === 'long') appender.appendBigInt(BigInt(value as number));
          else if (type === 'bool') appender.appendBoolean(value as boolean);
          else if (type === 'strings') appender.appendList(value as string[], LIST(VARCHAR));
          else appender.appendVarchar(value as string);
        }
        appender.endRow();
        rows++;
      });
    });
    appender.flushSync();
  });
  const copy = await cpu(() =>
    connection.run(
      `copy (from t order by ${SORT_BY.join(', ')}) to '${path}' (format parquet, compression zstd, compression_level 1)`,
    ),
  );
  report('DuckDB appender + COPY', rows, bodies, statSync(path).size, { append: append - mapping, copy });
  connection.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
  return append - mapping + copy;
}

function report(
  name: string,
  rows: number,
  bodies: readonly Uint8Array[],
  size: number,
  stages: Readonly<Record<string, number>>,
): void {
  const total = Object.values(stages).reduce((sum, stage) => sum + stage, 0);
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  const parts = Object.entries(stages).map(([stage, micros]) => `${stage} ${(micros / rows).toFixed(2)}`);
  console.log(
    `${name.padEnd(24)} ${(total / rows).toFixed(2).padStart(6)} µs CPU a row (${parts.join(', ')}), ` +
      `${(bytes / total).toFixed(0)} MB/s of logs, ${(size / rows).toFixed(0)} bytes a row`,
  );
}

const files = Math.max(1, Math.ceil(Number(process.argv[2] ?? 50_000) / EVENTS_A_FILE));
// Three files share each five minutes, as accounts do.
const bodies = Array.from({ length: files }, (_, file) =>
  Buffer.from(trailFile(file + 1, EVENTS_A_FILE, START + Math.floor(file / 3) * 300)),
);
let mapping = Number.POSITIVE_INFINITY;
for (let round = 0; round < ROUNDS; round++) {
  mapping = Math.min(
    mapping,
    await cpu(() =>
      bodies.forEach((body, file) => {
        rowsOf(body, file, () => {});
      }),
    ),
  );
}
console.log(
  `${files * EVENTS_A_FILE} CloudTrail events in ${files} files; ` +
    `splitting and mapping alone ${(mapping / files / EVENTS_A_FILE).toFixed(2)} µs a row`,
);
const ours = await measureOurs(bodies, mapping);
const duckdb = await measureDuckDB(bodies, mapping);
console.log(`DuckDB takes ${(duckdb / ours).toFixed(1)} times as long`);
