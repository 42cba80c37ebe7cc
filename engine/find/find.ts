/**
 * FIND: every row in which a value stands, newest first. The index says in which files and row groups to look; a file it
 * does not know is read whole. Days are answered one after another, and a few are read ahead.
 */

import { type Column, TABLES } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Meter } from '../../tables/data-chunks.ts';
import { type Head, readHead } from '../../tables/head.ts';
import { NEEDLE_TABLES, type NeedleTable } from '../../tables/needle/columns.ts';
import { openNeedleIndex } from '../../tables/needle/lookup.ts';
import { type DataFileEntry, readTable } from '../../tables/table-metadata.ts';
import type { RemoteParts } from '../../vault/lake.ts';
import type { StateStore, VaultStore } from '../../vault/store.ts';
import { headName } from '../lake-snapshot.ts';
import type { Batch, Cell, ResultColumn } from '../result.ts';
import { isoInstant } from '../sandbox/iso-time.ts';
import { DUCKDB_TYPES } from '../views/relation.ts';
import { COPY_COLUMNS, SUBSTANCE_COLUMNS, withoutCopies } from './copies.ts';
import type { Needle } from './needle.ts';
import { type FileScan, type Found, type ScanOptions, scanFile, type Value } from './scan.ts';

export interface FindRequest {
  readonly vault: VaultStore;
  readonly state: StateStore;
  /** Reads what a key names now in one request, where the vault itself takes more. */
  readonly newest?: RemoteParts['newest'];
  readonly needle: Needle;
  readonly tables?: readonly NeedleTable[];
  /** Microseconds, `until` exclusive. */
  readonly since?: number | null;
  readonly until?: number | null;
  /** Whether original texts are searched too, for which all of them are read. */
  readonly anywhere?: boolean;
  /** Columns of the answer; `table` and `matched` are made here, all others are the catalogue's. */
  readonly columns?: readonly string[];
  /** Rows, at most. */
  readonly limit?: number;
  readonly sourceRank?: readonly string[];
  /** Days read ahead of the one that is given out. */
  readonly ahead?: number;
}

export const FIND_COLUMNS: readonly string[] = [
  'time',
  'table',
  'source',
  'account',
  'actor_name',
  'action',
  'src_ip',
  'dst_ip',
  'target_name',
  'matched',
];

/** What is going to be read, as far as can be told before. */
export interface FindPlan {
  readonly head: Head;
  /** Files to look into, of all that there are in the time asked for. */
  readonly files: number;
  readonly allFiles: number;
  /** Size of all files in that time. */
  readonly tableBytes: number;
  /** Files of which the index does not speak: read whole, as all are where it cannot help. */
  readonly unindexed: number;
  /** What of the index could not be used. */
  readonly problems: readonly string[];
  readonly meter: Meter;
  readonly days: readonly (readonly FileScan[])[];
  /** By table, days on which an event may be held more than once. */
  readonly overlaps: ReadonlySet<string>;
}

/** Asks the index. Throws as `readHead` and `readTable` do. */
export async function planFind(request: FindRequest): Promise<FindPlan> {
  const { vault, state, needle, tables = NEEDLE_TABLES, anywhere = false } = request;
  const { head } = await readHead(state);
  const meter: Meter = { bytes: 0, requests: 0 };
  const problems: string[] = [];
  const byDay = new Map<string, FileScan[]>();
  const overlaps = new Set<string>();
  const counted = { files: 0, allFiles: 0, tableBytes: 0, unindexed: 0 };
  for (const table of tables) {
    const { files, overlapDays } = await readTable(vault, head, table);
    for (const day of overlapDays) overlaps.add(`${table}/${day}`);
    const index =
      needle.indexed === null || anywhere ? null : await openNeedleIndex(state, head, table, meter);
    const candidates = index === null ? null : await index.lookup(needle.indexed!);
    problems.push(...(index?.problems ?? []));
    for (const file of files) {
      if (!inTime(file, request)) continue;
      counted.allFiles++;
      counted.tableBytes += file.bytes;
      if (file.copies === true) overlaps.add(`${table}/${file.day}`);
      const known = candidates?.known.has(file.key) === true;
      const places = known ? (candidates!.places.get(file.key) ?? null) : null;
      if (known && places === null) continue;
      if (!known) counted.unindexed++;
      counted.files++;
      byDay.set(file.day, [...(byDay.get(file.day) ?? []), { table, file, places }]);
    }
  }
  // `undated` is no day and comes last.
  const order = (day: string) => (/^\d/.test(day) ? day : '');
  const days = [...byDay].sort(([a], [b]) => (order(a) < order(b) ? 1 : -1)).map(([, scans]) => scans);
  return { head, ...counted, problems, meter, days, overlaps };
}

const inTime = (
  { minTime, maxTime }: DataFileEntry,
  { since = null, until = null }: FindRequest,
): boolean => {
  if (since === null && until === null) return true;
  return (
    minTime !== null && maxTime !== null && maxTime >= (since ?? -Infinity) && minTime < (until ?? Infinity)
  );
};

export interface FindSummary {
  readonly rowCount: number;
  /** Whether the limit cut it short. */
  readonly truncated: 'rows' | null;
  readonly head: string;
  readonly seconds: number;
}

export interface FindAnswer extends AsyncIterable<Batch> {
  readonly columns: readonly ResultColumn[];
  /** Resolves when the last batch has been taken. */
  readonly summary: Promise<FindSummary>;
}

/** Days in memory at once, when each is a read of some files of this machine. */
const DAYS_AHEAD = 4;

/** Looks where the plan says. Throws DATA_ALTERED rather than answer from bytes that are not those that were sealed. */
export function find(request: FindRequest, plan: FindPlan): FindAnswer {
  const started = performance.now();
  const { columns = FIND_COLUMNS, limit = Number.POSITIVE_INFINITY } = request;
  const summary = Promise.withResolvers<FindSummary>();
  // Whoever only iterates gets the failure there.
  summary.promise.catch(() => {});
  async function* batches(): AsyncGenerator<Batch> {
    let rowCount = 0;
    let truncated: 'rows' | null = null;
    try {
      for await (const rows of readAhead(plan.days, request.ahead ?? DAYS_AHEAD, (scans) =>
        scanDay(request, plan, scans),
      )) {
        const room = limit - rowCount;
        if (rows.length > room) truncated = 'rows';
        const given = rows.slice(0, room);
        rowCount += given.length;
        if (given.length > 0) yield given.map((row) => columns.map((name) => cellOf(row, name)));
        if (truncated !== null) break;
      }
    } catch (error) {
      summary.reject(error);
      throw error;
    }
    const seconds = (performance.now() - started) / 1000;
    summary.resolve({ rowCount, truncated, head: headName(plan.head), seconds });
  }
  return { columns: columns.map(resultColumn), summary: summary.promise, [Symbol.asyncIterator]: batches };
}

/** Results in order, of at most `ahead` tasks at once. */
async function* readAhead<T, R>(
  items: readonly T[],
  ahead: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  let next = 0;
  try {
    for (let at = 0; at < items.length; at++) {
      for (; next < items.length && next < at + ahead; next++) running.push(task(items[next]!));
      yield await running.shift()!;
    }
  } finally {
    await Promise.allSettled(running);
  }
}

async function scanDay(request: FindRequest, plan: FindPlan, scans: readonly FileScan[]): Promise<Found[]> {
  const { needle, anywhere = false, columns = FIND_COLUMNS, since = null, until = null } = request;
  const { meter, overlaps } = plan;
  const found: Found[] = [];
  const enough = (request.limit ?? Number.POSITIVE_INFINITY) + 1;
  const held = scans.some(({ table, file }) => overlaps.has(`${table}/${file.day}`));
  for (const scan of scans) {
    const overlapping = overlaps.has(`${scan.table}/${scan.file.day}`);
    const read = overlapping ? [...columns, ...COPY_COLUMNS, ...SUBSTANCE_COLUMNS] : columns;
    for (const row of await scanned(request, scan, { needle, anywhere, columns: read, since, until, meter }))
      found.push(row);
    // No more than the newest of a busy value are held; copies of one event need each other.
    if (!held && found.length > 2 * enough) found.sort(newestFirst).splice(enough);
  }
  const isHeldTwice = ({ table, file }: Found) => overlaps.has(`${table}/${file.day}`);
  const rows = [
    ...found.filter((row) => !isHeldTwice(row)),
    ...withoutCopies(found.filter(isHeldTwice), request.sourceRank),
  ];
  return rows.sort(newestFirst);
}

const timeOf = ({ values: { time } }: Found): number => (typeof time === 'number' ? time : -Infinity);
const newestFirst = (a: Found, b: Found): number => timeOf(b) - timeOf(a);

/** Quickly where that can be, and from what the vault counts where something else lies over it. */
async function scanned(
  { vault, newest }: FindRequest,
  scan: FileScan,
  options: ScanOptions,
): Promise<Found[]> {
  if (newest === undefined) return scanFile(vault, scan, options);
  const quick: VaultStore = {
    ...vault,
    get: async (key) => ({ body: await newest(key, null), version: '' }),
    getRange: (key, start, end) => newest(key, { start, end }),
  };
  try {
    return await scanFile(quick, scan, options);
  } catch (error) {
    if (
      !(error instanceof AkashiError) ||
      !['DATA_ALTERED', 'STORE_MISSING', 'STORE_RANGE'].includes(error.code)
    )
      throw error;
    return scanFile(vault, scan, options);
  }
}

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  NEEDLE_TABLES.flatMap((table) => TABLES[table] as readonly Column[]).map((column) => [column.name, column]),
);

/** Names of all columns that `columns` may ask for. */
export const findColumnNames = (): readonly string[] => ['table', 'matched', ...COLUMNS.keys()];

function resultColumn(name: string): ResultColumn {
  if (name === 'table') return { name, type: 'VARCHAR' };
  if (name === 'matched') return { name, type: 'VARCHAR[]' };
  // Events and flows name a protocol each in their own way.
  if (name === 'protocol') return { name, type: 'VARCHAR' };
  return { name, type: DUCKDB_TYPES[COLUMNS.get(name)!.type] };
}

function cellOf({ table, matched, values }: Found, name: string): Cell {
  if (name === 'table') return table;
  if (name === 'matched') return matched;
  const value: Value = values[name] ?? null;
  if (typeof value !== 'number') return value;
  if (COLUMNS.get(name)?.type === 'time') return isoInstant(BigInt(value), 6, 'Z');
  return name === 'protocol' ? String(value) : value;
}
