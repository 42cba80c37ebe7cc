/** STORE: rows become Parquet data files, one table and one UTC day of one batch each. */

import { createHash } from 'node:crypto';
import { type AuditEvent, type Flow, type Row, TABLES, type TableName } from '../schema/columns.ts';
import { fieldIdOf } from '../tables/iceberg/field-ids.ts';
import { encodePrints, identityPrint } from '../tables/identity-prints.ts';
import { type ParquetFile, RowBuffer } from '../tables/parquet/row-buffer.ts';
import { WRITER_VERSION } from '../tables/parquet/version.ts';
import { SORT_ORDERS } from '../tables/sort-orders.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import { makeKey } from '../vault/keys.ts';
import type { StateStore, VaultStore, WriteItem } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
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

/** Rows with no time, and rows of tables that have none. */
const UNDATED = 'undated';
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

/** Key of a data file's identity fingerprints in the state store. */
export function printsKey(dataKey: string): string {
  const [, table, , ...rest] = dataKey.split('/');
  return makeKey('index', { table: table!, name: `${rest.join('/')}.identities` });
}

/** Gathers the rows of one batch and writes them out by day. */
export class BatchWriter implements RowSink {
  /** Counts the rows by hour as they come. */
  readonly tally = new HourTally();
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

  /** A row of a table whose days do not matter. */
  row<T extends 'coverage_facts' | 'verdicts'>(table: T, row: Row<T>): void {
    this.#dayBuffer(table, UNDATED).rows.add(row, null);
  }

  evidence(row: Row<'evidence'>): void {
    this.#dayBuffer('evidence', UNDATED).rows.add(row, null);
  }

  custody(row: Row<'custody'>): void {
    this.#dayBuffer('custody', dayName(row.time)).rows.add(row, null);
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
      const rows = new RowBuffer(TABLES[table], { fieldId: fieldIdOf(table) });
      buffer = { table, day, rows, prints: [] };
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
    const file = buffer.rows.finish({ sortBy: SORT_ORDERS[table], keyValue: { 'akashi.table': table } });
    if (file === null) return;
    const part = this.#parts.get(`${table}/${day}`) ?? 0;
    this.#parts.set(`${table}/${day}`, part + 1);
    const name = { table, day, batch: this.#batch, part };
    const key = makeKey('data', name);
    const ranges = sidecarOf(file);
    this.#writes.vault.push(
      { key, body: file.bytes, kind: WRITE_KINDS.data },
      { key: makeKey('ranges', name), body: ranges, kind: WRITE_KINDS.ranges },
    );
    if (buffer.prints.length > 0) {
      this.#writes.state.push({
        key: printsKey(key),
        body: encodePrints(buffer.prints),
        kind: WRITE_KINDS.index,
      });
    }
    buffer.prints = [];
    this.#writes.bytes += file.bytes.length;
    const time = file.columns['time'];
    this.#files[table].push({
      key,
      day,
      rows: file.rows,
      bytes: file.bytes.length,
      sha256: sha256(file.bytes),
      ranges: sha256(ranges),
      minTime: typeof time?.min === 'number' ? time.min : null,
      maxTime: typeof time?.max === 'number' ? time.max : null,
    });
  }
}

/** Hashes by which a reader of parts of the file checks just those parts. */
function sidecarOf(file: ParquetFile): Uint8Array {
  const rowGroups = file.rowGroups.map(({ rows, chunks }) => ({
    rows,
    chunks: chunks.map(({ column, offset, length, sha256 }) => [column, offset, length, sha256]),
  }));
  return Buffer.from(
    `${JSON.stringify({ format: 1, size: file.bytes.length, footer: file.footer, rowGroups })}\n`,
  );
}

/** `2023-07-10` of a time in microseconds. */
export function dayName(time: number | null): string {
  if (time === null) return UNDATED;
  const day = new Date(Math.floor(time / DAY_MICROS) * (DAY_MICROS / 1000)).toISOString().slice(0, 10);
  return /^\d{4}-/.test(day) ? day : UNDATED;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
