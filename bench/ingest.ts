/**
 * How fast bodies become queryable, beside the floor (gunzip and parse, nothing else) and beside what an engineer would
 * do instead (DuckDB reads the files and writes Parquet). Same bytes, same process, one after another, CPU time of all
 * threads; the best of several rounds each, so that a noisy machine disturbs the ratios little.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { collect } from '../stages/collect.ts';
import { openLake } from '../vault/lake.ts';
import { flowFile, trailFile } from './generate.ts';
import { printTable } from './print.ts';

interface Subject {
  readonly name: string;
  readonly files: readonly string[];
  readonly records: number;
  /** Bytes after decompression. */
  readonly bytes: number;
  readonly floor: (body: string) => void;
  readonly duckdb: (glob: string, out: string) => string;
}

const ROUNDS = 3;

export async function benchIngest(scale: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-bench-'));
  try {
    for (const subject of [trails(folder, scale), flows(folder, scale)]) await compare(folder, subject);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function trails(folder: string, scale: number): Subject {
  const perFile = 2000;
  const count = Math.max(1, Math.round((100_000 * scale) / perFile));
  const made = makeFiles(folder, 'trail', count, (i) => trailFile(i, perFile, 1_700_000_000 + i * 300));
  return {
    ...made,
    name: 'CloudTrail events',
    records: count * perFile,
    floor: (body) => void JSON.parse(body),
    duckdb: (glob, out) =>
      `COPY (SELECT unnest(r, recursive := false) FROM (SELECT unnest(Records) AS r FROM read_json('${glob}', maximum_object_size = 1000000000,
         columns = {Records: 'STRUCT(eventVersion VARCHAR, userIdentity JSON, eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR, requestParameters JSON, responseElements JSON, requestID VARCHAR, eventID VARCHAR, readOnly BOOLEAN, resources JSON, eventType VARCHAR, recipientAccountId VARCHAR, eventCategory VARCHAR)[]'})))
       TO '${out}' (FORMAT parquet, COMPRESSION zstd)`,
  };
}

function flows(folder: string, scale: number): Subject {
  const perFile = 20_000;
  const count = Math.max(1, Math.round((1_000_000 * scale) / perFile));
  const made = makeFiles(folder, 'flow', count, (i) => flowFile(i, perFile, 1_700_000_000 + i * 300));
  return {
    ...made,
    name: 'VPC flow records',
    records: count * perFile,
    floor: (body) => {
      for (const line of body.split('\n')) line.split(' ');
    },
    duckdb: (glob, out) =>
      `COPY (SELECT * FROM read_csv('${glob}', delim = ' ', header = true)) TO '${out}' (FORMAT parquet, COMPRESSION zstd)`,
  };
}

function makeFiles(folder: string, kind: string, count: number, make: (index: number) => string) {
  const into = join(folder, kind);
  mkdirSync(into);
  const files: string[] = [];
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const body = make(i);
    bytes += body.length;
    const path = join(into, `${kind}-${i}.gz`);
    writeFileSync(path, gzipSync(body));
    files.push(path);
  }
  return { files, bytes };
}

async function compare(folder: string, subject: Subject): Promise<void> {
  const floor = await best(async () => {
    for (const file of subject.files) subject.floor(gunzipSync(readFileSync(file)).toString());
  });
  const duckdb = await best(async () => {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const out = join(folder, 'duckdb.parquet');
    await connection.run(subject.duckdb(join(subject.files[0]!, '..', '*.gz'), out));
    connection.closeSync();
  });
  const ours = await best(async () => {
    const lake = join(folder, 'lake');
    rmSync(lake, { recursive: true, force: true });
    await collect(await openLake(lake), subject.files, { threads: 1 });
  });
  const row = (name: string, { cpu, wall }: Timing) => [
    name,
    perSecond(subject.records / cpu),
    (subject.bytes / cpu / 1e6).toFixed(0),
    ((cpu / subject.records) * 1e6).toFixed(2),
    `${(cpu / floor.cpu).toFixed(2)}×`,
    wall.toFixed(2),
  ];
  printTable(
    `${subject.name}: ${subject.records.toLocaleString('en-US')} in ${subject.files.length} files, ${(subject.bytes / subject.records).toFixed(0)} bytes each`,
    ['', 'records/s per core', 'MB/s per core', 'µs CPU a record', 'beside the floor', 'wall s'],
    [
      row('floor: gunzip and parse', floor),
      row('Akashi: the whole walk to a sealed lake', ours),
      row('DuckDB: read and write Parquet', duckdb),
    ],
  );
}

interface Timing {
  readonly cpu: number;
  readonly wall: number;
}

/** The round with the least CPU time, seconds. */
async function best(work: () => Promise<void>): Promise<Timing> {
  let found: Timing | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    await work();
    const used = process.cpuUsage(cpu);
    const timing = { cpu: (used.user + used.system) / 1e6, wall: (performance.now() - started) / 1000 };
    if (found === null || timing.cpu < found.cpu) found = timing;
  }
  return found!;
}

const perSecond = (value: number): string => Math.round(value).toLocaleString('en-US');
