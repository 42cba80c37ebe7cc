/**
 * COMPACT: small files of a day become large sorted ones, in a new snapshot.
 *
 * Files are merged without any lock, beside whoever collects; only the swap of the head makes them count. A day whose
 * files changed meanwhile is passed over and waits for the next run. After a crash the same work is done again and finds
 * its files stored.
 */

import { join } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { openLedger, readVkey } from '../stages/ledger.ts';
import { type Replacement, replaceFiles } from '../stages/replace.ts';
import { readHead } from '../tables/head.ts';
import type { FilePart } from '../tables/needle/pack.ts';
import { readTable, type TableMetadata } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import { describeHolder, takeLock } from '../vault/lock-file.ts';
import { carryHolds } from './carry-holds.ts';
import { closedDays } from './closed-days.ts';
import { type DayJob, mergeDay } from './day-job.ts';
import { type Merger, mergeProcess } from './merge-process.ts';
import { COMPACTED_TABLES, isCompacted, planCompaction } from './plan.ts';

export interface CompactOptions {
  /** Microseconds. */
  readonly now?: number;
  /** Merge in this process: for small lakes, and for stores that no other process can open. */
  readonly here?: boolean;
  /** Whether compacted files are kept by the store until a date; where it has dates unless given. */
  readonly locks?: boolean;
  /** Which of the planned jobs to do; all unless given. */
  readonly only?: (job: DayJob) => boolean;
  /** Asked before each job: once it says so, the rest waits for the next run. */
  readonly enough?: () => boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CompactResult {
  /** Days of tables that were merged, and those left to the next run. */
  days: number;
  passedOver: number;
  filesBefore: number;
  filesAfter: number;
  rows: number;
  /** Rows of them that are copies, set aside. */
  copies: number;
  bytesBefore: number;
  bytesAfter: number;
  /** Files that cases hold from here on, because they have rows of what was held. */
  holdsCarried: number;
  seconds: number;
  checkpoint: { size: number; root: string } | null;
}

/** Merged together under one seal. */
const JOBS_PER_SEAL = 32;
const SEAL_MILLIS = 30_000;

/**
 * Throws LAKE_LOCKED when another compaction is at work, DATA_ALTERED, COMPACT_FAILED, and as seals do. What was
 * committed before stands.
 */
export async function compact(lake: Lake, options: CompactOptions = {}): Promise<CompactResult> {
  return alone(lake, async () => {
    const started = performance.now();
    const now = options.now ?? Date.now() * 1000;
    const planned = await plan(lake, now, options.locks ?? lake.remote !== undefined);
    const jobs = planned.filter(options.only ?? (() => true));
    const merger = mergerFor(lake, options.here === true);
    const result = emptyResult();
    const sealer = new Sealer(lake, now, result);
    try {
      for (const [done, job] of jobs.entries()) {
        if (options.enough?.() === true) break;
        options.onProgress?.(done, jobs.length);
        const { table, day, files, settle } = job;
        const { files: added, parts } = await merger.merge(job);
        await sealer.add({ table, day, removed: files, added, settled: settle }, parts);
      }
      await sealer.flush();
    } finally {
      merger.close();
    }
    result.seconds = (performance.now() - started) / 1000;
    return result;
  });
}

/** Merges in this process or in one of its own. */
export const mergerFor = (lake: Lake, here: boolean): Merger =>
  here ? { merge: (job) => mergeDay(lake, job), close: () => {} } : mergeProcess(lake);

/** Two compactions would do the same work twice, and under locks pay for it twice. */
export async function alone<T>(lake: Lake, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(join(lake.root, 'state'), 'compactor', {
    waitMillis: 0,
    command: 'akashi compact',
  });
  if (!lock.taken)
    throw new AkashiError(
      'LAKE_LOCKED',
      `"${lake.address}" is being compacted ${describeHolder(lock.holder)}`,
    );
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function plan(lake: Lake, now: number, locks: boolean): Promise<DayJob[]> {
  const { head } = await readHead(lake.state);
  const tables = await Promise.all(COMPACTED_TABLES.map((table) => readTable(lake.vault, head, table)));
  const dead = new Map<string, number>();
  if (locks) for (const metadata of tables) dead.set(metadata.table, await deadBytes(lake, metadata));
  return planCompaction({
    tables,
    isClosed: await closedDays(lake, now),
    locks,
    deadBytes: (table) => dead.get(table) ?? 0,
  });
}

/** Bytes of compacted files that the table lists no more. */
async function deadBytes({ vault }: Lake, { table, files }: TableMetadata): Promise<number> {
  const live = new Set(files.map(({ key }) => key));
  let bytes = 0;
  for await (const { key, size } of vault.list(`tables/${table}/data/`))
    if (isCompacted({ key }) && !live.has(key)) bytes += size;
  return bytes;
}

/** Gathers merged days and seals them together. */
class Sealer {
  readonly #lake: Lake;
  readonly #now: number;
  readonly #result: CompactResult;
  #waiting: Replacement[] = [];
  readonly #needles = new Map<string, FilePart>();
  #since = performance.now();

  constructor(lake: Lake, now: number, result: CompactResult) {
    this.#lake = lake;
    this.#now = now;
    this.#result = result;
  }

  async add(replacement: Replacement, parts: ReadonlyMap<string, FilePart>): Promise<void> {
    this.#waiting.push(replacement);
    for (const [key, part] of parts) this.#needles.set(key, part);
    if (this.#waiting.length >= JOBS_PER_SEAL || performance.now() - this.#since > SEAL_MILLIS)
      await this.flush();
  }

  async flush(): Promise<void> {
    const replacements = this.#waiting;
    this.#waiting = [];
    this.#since = performance.now();
    if (replacements.length === 0) return;
    const result = this.#result;
    const carry = async (done: readonly Replacement[]) =>
      carryHolds(this.#lake, await readVkey(this.#lake.root), done, this.#now);
    result.holdsCarried += await carry(replacements);
    const replaced = await replaceFiles(this.#lake, await openLedger(this.#lake), {
      operation: 'compact',
      replacements,
      needles: this.#needles,
      at: this.#now,
    });
    this.#needles.clear();
    if (replaced === null) {
      result.passedOver += replacements.length;
      return;
    }
    result.holdsCarried += await carry(replaced.done);
    result.passedOver += replaced.passedOver.length;
    result.checkpoint = replaced.checkpoint;
    for (const { removed, added } of replaced.done) {
      result.days++;
      result.filesBefore += removed.length;
      result.filesAfter += added.length;
      for (const { bytes } of removed) result.bytesBefore += bytes;
      for (const { bytes, rows, copies } of added) {
        result.bytesAfter += bytes;
        result.rows += rows;
        if (copies === true) result.copies += rows;
      }
    }
  }
}

const emptyResult = (): CompactResult => ({
  days: 0,
  passedOver: 0,
  filesBefore: 0,
  filesAfter: 0,
  rows: 0,
  copies: 0,
  bytesBefore: 0,
  bytesAfter: 0,
  holdsCarried: 0,
  seconds: 0,
  checkpoint: null,
});
