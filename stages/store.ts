/** STORE: rows become Parquet data files, one table and one UTC day of one batch each. */

import { createHash } from 'node:crypto';
import { type AuditEvent, type Flow, type Row, TABLES, type TableName } from '../schema/columns.ts';
import { identityPrint } from '../tables/identity-prints.ts';
import type { FilePart } from '../tables/needle/pack.ts';
import type { RowBuffer } from '../tables/parquet/row-buffer.ts';
import { WRITER_VERSION } from '../tables/parquet/version.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import type { StateStore, VaultStore, WriteItem } from '../vault/store.ts';
import { dayName, encodeDataFile, rowBuffer, UNDATED } from './data-file.ts';
import { HourTally } from './hour-tally.ts';
import type { RowSink } from './normalise.ts';

/** Rows held in memory before the largest days are written out, bytes. */
const HELD_BYTES = 32 * 2 ** 20;
/** Rows in one data file: a row group. */
const FILE_ROWS = 122_880;

/**
 * Days gathered at once. Each costs some 0.3 MB of memory however few its rows are, and a log may give every record a day
 * of its own; an archive of a year of events and flows stays below.
 */
const MOST_DAYS = 1024;

/** Encoded files held back so that they are made durable together. */
const WRITE_BYTES = 8 * 2 ** 20;
const WRITE_FILES = 256;

const DAY_MICROS = 86_400e6;

interface DayBuffer {
  readonly table: TableName;
  readonly day: string;
  readonly rows: RowBuffer;
  prints: number[];
}

/** Data files by table, as a seal needs them. */
export type BatchFiles = Record<TableName, DataFileEntry[]>;

export const noFiles = (): BatchFiles =>
  Object.fromEntries(Object.keys(TABLES).map((table) => [table, []])) as unknown as BatchFiles;

/** A batch is named by what decides its rows, so that writing it twice writes the same files. */
export function batchId(evidence: readonly string[], mappingVersions: readonly string[]): string {
  const named = [...evidence].sort().concat([...new Set(mappingVersions)].sort(), WRITER_VERSION);
  return createHash('sha256').update(named.join('\n')).digest('hex');
}

/** Tables whose rows no body says. */
export type RecordTable = 'evidence' | 'custody' | 'coverage_facts' | 'verdicts';

/** Stores rows of such a table as the files of a batch: equal rows in equal order make equal files. */
export async function writeRecords<T extends RecordTable>(
  { vault, state }: Stores,
  { table, batch, rows }: { readonly table: T; readonly batch: string; readonly rows: readonly Row<T>[] },
): Promise<DataFileEntry[]> {
  const writer = new BatchWriter(vault, state, batch);
  for (const row of rows) writer.record(table, row);
  return (await writer.finish())[table];
}

/** Gathers the rows of one batch and writes them out by day. */
export class BatchWriter implements RowSink {
  /** Counts the rows by hour as they come. */
  readonly tally = new HourTally();
  /** The needle index of each data file, by its key, for the seal. */
  readonly needles = new Map<string, FilePart>();
  readonly #vault: VaultStore;
  readonly #state: StateStore;
  readonly #batch: string;
  readonly #days = new Map<string, DayBuffer>();
  /** Files written so far, by table and day. */
  readonly #parts = new Map<string, number>();
  readonly #files = noFiles();
  #writes: { vault: WriteItem[]; state: WriteItem[]; bytes: number } = { vault: [], state: [], bytes: 0 };
  #lastDayNumber = Number.NaN;
  #lastEvents: DayBuffer | null = null;
  #lastFlows: DayBuffer | null = null;

  readonly #mostDays: number;

  constructor(vault: VaultStore, state: StateStore, batch: string, mostDays = MOST_DAYS) {
    this.#mostDays = mostDays;
    this.#vault = vault;
    this.#state = state;
    this.#batch = batch;
  }

  event(row: AuditEvent, exactRaw: Uint8Array | null): void {
    const buffer = this.#buffer('events', row.time);
    buffer.rows.add(row, exactRaw);
    buffer.prints.push(identityPrint(row));
    this.tally.add(row);
  }

  flow(row: Flow, exactRaw: Uint8Array | null): void {
    const buffer = this.#buffer('flows', row.time);
    buffer.rows.add(row, exactRaw);
    buffer.prints.push(identityPrint(row));
    this.tally.add(row);
  }

  quarantine(row: Row<'quarantine'>): void {
    this.#dayBuffer('quarantine', UNDATED).rows.add(row, null);
  }

  /** A row of a table whose days do not matter, but those of custody. */
  record<T extends RecordTable>(table: T, row: Row<T>): void {
    const day = table === 'custody' ? dayName((row as Row<'custody'>).time) : UNDATED;
    this.#dayBuffer(table, day).rows.add(row, null);
  }

  /** Writes out full days, and the largest ones while too much is held. */
  async settle(): Promise<void> {
    let held = 0;
    await this.#flushFull();
    for (const buffer of this.#days.values()) {
      if (buffer.rows.rows >= FILE_ROWS) await this.#write(buffer);
      held += buffer.rows.bytes;
    }
    if (held <= HELD_BYTES) return;
    const largest = [...this.#days.values()].sort((a, b) => b.rows.bytes - a.rows.bytes);
    for (const buffer of largest) {
      if (held <= HELD_BYTES / 2) break;
      held -= buffer.rows.bytes;
      await this.#write(buffer);
    }
  }

  /** Writes out the rest. All files are durable when it resolves; none is visible yet. */
  async finish(): Promise<BatchFiles> {
    for (const buffer of this.#days.values()) await this.#write(buffer);
    await this.#flush();
    this.#days.clear();
    this.#lastEvents = this.#lastFlows = null;
    return this.#files;
  }

  /** Most rows come day after day: the last day's buffers are kept at hand. */
  #buffer(table: 'events' | 'flows', time: number | null): DayBuffer {
    const dayNumber = time === null ? -1e9 : Math.floor(time / DAY_MICROS);
    if (dayNumber !== this.#lastDayNumber) {
      this.#lastDayNumber = dayNumber;
      this.#lastEvents = this.#lastFlows = null;
    }
    if (table === 'events') {
      this.#lastEvents ??= this.#dayBuffer(table, dayName(time));
      return this.#lastEvents;
    }
    this.#lastFlows ??= this.#dayBuffer(table, dayName(time));
    return this.#lastFlows;
  }

  #dayBuffer(table: TableName, day: string): DayBuffer {
    const name = `${table}/${day}`;
    let buffer = this.#days.get(name);
    if (buffer === undefined) {
      if (this.#days.size >= this.#mostDays) this.#encodeAll();
      buffer = { table, day, rows: rowBuffer(table), prints: [] };
      this.#days.set(name, buffer);
    }
    return buffer;
  }

  /** Makes what is written durable, all at once: many small days cost one round of waiting for the disk. */
  async #flush(): Promise<void> {
    const { vault, state } = this.#writes;
    this.#writes = { vault: [], state: [], bytes: 0 };
    await Promise.all([this.#vault.putManyIfAbsent(vault), this.#state.putManyIfAbsent(state)]);
  }

  async #write(buffer: DayBuffer): Promise<void> {
    this.#encode(buffer);
    await this.#flushFull();
  }

  async #flushFull(): Promise<void> {
    if (this.#writes.bytes > WRITE_BYTES || this.#writes.vault.length > WRITE_FILES) await this.#flush();
  }

  /** Makes files of all that is gathered and gives its memory back; they are written at the next turn. */
  #encodeAll(): void {
    for (const buffer of this.#days.values()) this.#encode(buffer);
    this.#days.clear();
    this.#lastEvents = this.#lastFlows = null;
  }

  #encode(buffer: DayBuffer): void {
    const { table, day } = buffer;
    const part = this.#parts.get(`${table}/${day}`) ?? 0;
    const file = encodeDataFile({ table, day, batch: this.#batch, part }, buffer.rows, buffer.prints);
    if (file === null) return;
    this.#parts.set(`${table}/${day}`, part + 1);
    buffer.prints = [];
    this.#writes.vault.push(...file.vault);
    this.#writes.state.push(...file.state);
    this.#writes.bytes += file.bytes;
    this.#files[table].push(file.entry);
    if (file.needles !== null) this.needles.set(file.entry.key, file.needles);
  }
}
