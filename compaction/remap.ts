/**
 * REMAP: rows are derived again from evidence, where they were made by another mapping than this version's. A new
 * snapshot, like a compaction's; evidence and its entries stay as they are, and older snapshots stay readable.
 */

import { hourOf, startOf } from '../ledger/coverage/hours.ts';
import type { DraftOf } from '../ledger/entry.ts';
import type { GrownRows } from '../ledger/growth.ts';
import type { Row, TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { openHead } from '../stages/commit.ts';
import { broughtRows, type FactRow, readFacts } from '../stages/coverage-facts.ts';
import { EXPANSION_LIMITS } from '../stages/expand.ts';
import { HourTally } from '../stages/hour-tally.ts';
import { type JobResult, runJob } from '../stages/job.ts';
import { openLedger, readVkey } from '../stages/ledger.ts';
import { readRows } from '../stages/parquet-rows.ts';
import { type Replacement, replaceFiles } from '../stages/replace.ts';
import { batchId, writeRecords } from '../stages/store.ts';
import { readHead } from '../tables/head.ts';
import { type DataFileEntry, readTable } from '../tables/table-metadata.ts';
import type { Lake } from '../vault/lake.ts';
import { carryHolds } from './carry-holds.ts';
import { alone, mergerFor } from './compact.ts';
import type { Merger } from './merge-process.ts';
import { batchesOf, type StaleBody, staleBodies } from './stale-bodies.ts';

export interface RemapOptions {
  /** Microseconds. */
  readonly now?: number;
  /** Only bodies of this source. */
  readonly source?: string;
  /** Merge in this process. */
  readonly here?: boolean;
  /** Bodies in one snapshot, at most. */
  readonly batchBodies?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RemapResult {
  bodies: number;
  rowsBefore: number;
  rowsAfter: number;
  filesBefore: number;
  filesAfter: number;
  seconds: number;
  checkpoint: { size: number; root: string } | null;
}

const TABLES_OF_ROWS = ['events', 'flows', 'quarantine'] as const satisfies readonly TableName[];

/** Times a batch may find its files replaced meanwhile. */
const MAX_LOST = 5;

/**
 * Throws LAKE_LOCKED when a compaction is at work, LAKE_CHANGED when files never rest, DATA_ALTERED, COMPACT_FAILED, and
 * as seals do. What was committed before stands; run again, it goes on with the rest.
 */
export async function remap(lake: Lake, options: RemapOptions = {}): Promise<RemapResult> {
  return alone(lake, async () => {
    const started = performance.now();
    const { log } = await openHead(lake, await openLedger(lake));
    const bodies = await staleBodies(log, options.source);
    const merger = mergerFor(lake, options.here === true);
    const result: RemapResult = {
      bodies: 0,
      rowsBefore: 0,
      rowsAfter: 0,
      filesBefore: 0,
      filesAfter: 0,
      seconds: 0,
      checkpoint: null,
    };
    try {
      for (const batch of batchesOf(bodies, options.batchBodies)) {
        options.onProgress?.(result.bodies, bodies.length);
        await remapBatch(lake, merger, batch, options.now ?? Date.now() * 1000, result);
      }
    } finally {
      merger.close();
    }
    result.seconds = (performance.now() - started) / 1000;
    return result;
  });
}

async function remapBatch(
  lake: Lake,
  merger: Merger,
  batch: readonly StaleBody[],
  now: number,
  result: RemapResult,
): Promise<void> {
  const derived = await runJob(
    lake,
    batch.map(({ manifest }) => manifest),
    EXPANSION_LIMITS,
  );
  for (let lost = 0; ; lost++) {
    const { replacements, rowsGone, tally } = await replacementsOf(lake, merger, batch, derived);
    const facts = await factsOf(lake, derived, tally);
    const all = [...replacements, ...facts.replacements];
    const carry = async () => carryHolds(lake, await readVkey(lake.root), all, now);
    await carry();
    const replaced = await replaceFiles(lake, await openLedger(lake), {
      operation: 'remap',
      replacements: all,
      whole: true,
      rows: facts.rows,
      drafts: derived.evidence.map((row) => remapDraft(row, now)),
      at: now,
    });
    if (replaced === null) {
      if (lost < MAX_LOST) continue;
      throw new AkashiError(
        'LAKE_CHANGED',
        'Files were replaced again and again meanwhile. Nothing is lost: run the command again.',
      );
    }
    await carry();
    result.checkpoint = replaced.checkpoint;
    result.bodies += batch.length;
    result.rowsBefore += rowsGone;
    for (const { events, flows, quarantine } of [derived.files])
      for (const { rows } of [...events, ...flows, ...quarantine]) result.rowsAfter += rows;
    for (const { removed, added } of replacements) {
      result.filesBefore += removed.length;
      result.filesAfter += added.length;
    }
    return;
  }
}

interface Planned {
  readonly replacements: readonly Replacement[];
  readonly rowsGone: number;
  /** Rows of the bodies as they were stored, by hour. */
  readonly tally: HourTally;
}

/** The files with rows of the bodies give way to files with the rest, and to those with the new rows. */
async function replacementsOf(
  lake: Lake,
  merger: Merger,
  batch: readonly StaleBody[],
  derived: JobResult,
): Promise<Planned> {
  const { head } = await readHead(lake.state);
  const without = batch.map(({ manifest }) => manifest.sha256).sort();
  const bodies = new Set(without);
  const tally = new HourTally();
  const replacements: Replacement[] = [];
  let rowsGone = 0;
  for (const table of TABLES_OF_ROWS) {
    const { files } = await readTable(lake.vault, head, table);
    const hit = new Set<DataFileEntry>();
    for (const file of files.filter((one) => mayHold(one, batch))) {
      const rows = await rowsOfBodies(lake, file, bodies);
      if (rows.length === 0) continue;
      hit.add(file);
      rowsGone += rows.length;
      if (table !== 'quarantine')
        for (const row of rows) tally.add(row as unknown as Parameters<HourTally['add']>[0]);
    }
    const settles = table !== 'quarantine';
    const days = new Set([...[...hit].map(({ day }) => day), ...derived.files[table].map(({ day }) => day)]);
    for (const day of days) {
      const own = files.filter((file) => file.day === day);
      const isHit = own.some((file) => hit.has(file));
      // What was settled of a day is settled anew: a copy that was set aside may be the only one now.
      const removed = !isHit ? [] : settles ? own : own.filter((file) => hit.has(file));
      const rest =
        removed.length === 0
          ? []
          : (await merger.merge({ table, day, files: removed, settle: false, compacted: false, without }))
              .files;
      const added = [...rest, ...derived.files[table].filter((file) => file.day === day)];
      replacements.push({
        table,
        day,
        removed,
        added,
        settled: false,
        ...(settles ? { recount: true as const } : {}),
      });
    }
  }
  return { replacements, rowsGone, tally };
}

/** Told from times alone; where there are none, the file itself must say. */
const mayHold = ({ minTime, maxTime }: DataFileEntry, batch: readonly StaleBody[]): boolean =>
  minTime === null ||
  maxTime === null ||
  batch.some(
    ({ firstTime, lastTime }) =>
      firstTime !== null && lastTime !== null && firstTime <= maxTime && lastTime >= minTime,
  );

async function rowsOfBodies({ vault }: Lake, { key }: DataFileEntry, bodies: ReadonlySet<string>) {
  const { body } = await vault.get(key);
  const evidence = await readRows(body, ['evidence']);
  if (!evidence.some((row) => bodies.has(String(row['evidence'])))) return [];
  const columns = key.startsWith('tables/quarantine/')
    ? ['evidence']
    : ['evidence', 'time', 'source', 'account', 'region'];
  return (await readRows(body, columns)).filter((row) => bodies.has(String(row['evidence'])));
}

/**
 * What coverage is told from says how many rows each hour has. Where that changed, the difference is said, as of a run
 * that told of the hour before: nothing arrived now, and nothing was late.
 */
async function factsOf(
  lake: Lake,
  derived: JobResult,
  before: HourTally,
): Promise<{ replacements: readonly Replacement[]; rows: readonly GrownRows[] }> {
  const change = new HourTally();
  const add = (counts: ReturnType<HourTally['counts']>, sign: 1 | -1) => {
    for (const { hour, records, ...stream } of counts)
      change.add({ ...stream, time: startOf(hour) }, sign * records);
  };
  add([...derived.tally], 1);
  add(before.counts(), -1);
  const changed = change.counts().filter(({ records }) => records !== 0);
  if (changed.length === 0) return { replacements: [], rows: [] };
  const runs = await runsOf(lake);
  const rows: FactRow[] = broughtRows([changed], 0).map((row) => ({ ...row, as_of: runs(row) }));
  const names = rows.map((row) => JSON.stringify(row));
  const bodies = derived.evidence.map(({ sha256 }) => sha256!);
  const own = {
    table: 'coverage_facts' as const,
    batch: batchId([...names, ...bodies], ['coverage_facts/remap']),
    rows,
  };
  const added = await writeRecords(lake, own);
  const replacement = { table: own.table, day: 'undated', removed: [], added, settled: false };
  return { replacements: [replacement], rows: [own] };
}

/** When the hour of a row was told first, of its source; else when the source was told of last. */
async function runsOf(lake: Lake): Promise<(row: FactRow) => number> {
  const { brought } = await readFacts(lake, (await readHead(lake.state)).head);
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { stream, hour, asOf } of brought) {
    const name = `${hour} ${stream.source}`;
    first.set(name, Math.min(first.get(name) ?? Infinity, asOf));
    last.set(stream.source, Math.max(last.get(stream.source) ?? 0, asOf));
  }
  return ({ time, source, end_time }) =>
    first.get(`${hourOf(time!)} ${source}`) ?? last.get(source!) ?? end_time!;
}

/** What a body gives by the mapping that read it for this row. */
export const remapDraft = (row: Row<'evidence'>, at: number): DraftOf<'remap'> => ({
  kind: 'remap',
  sha256: row.sha256!,
  source: row.source!,
  mapping: row.mapping_version!,
  counts: {
    records: row.records!,
    events: row.events!,
    flows: row.flows!,
    skipped: row.skipped!,
    unreadable: row.unreadable!,
  },
  firstTime: row.first_time,
  lastTime: row.last_time,
  at,
});
