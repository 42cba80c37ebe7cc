/** Rows in order as data files of one table and day: durable when it ends, visible to nobody before a seal. */

import type { TableName } from '../schema/columns.ts';
import { encodeDataFile, rowBuffer } from '../stages/data-file.ts';
import { identityPrint } from '../tables/identity-prints.ts';
import type { FilePart } from '../tables/needle/pack.ts';
import type { RowBuffer } from '../tables/parquet/row-buffer.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import type { DataFile } from '../vault/keys.ts';
import type { TakeRows } from './merge.ts';

/** A piece that turns out larger than was guessed is cut here, so that memory is bounded whatever the rows. */
const MOST_CHARACTERS = 256 * 2 ** 20;

/** Tables whose rows stand for events that may be held more than once. */
const WITH_IDENTITY: ReadonlySet<TableName> = new Set(['events', 'flows']);

export interface OutputName extends Omit<DataFile, 'part'> {
  readonly table: TableName;
  /** Locked once it is stored. */
  readonly compacted: boolean;
}

export class DayOutput implements TakeRows {
  readonly files: DataFileEntry[] = [];
  /** What the needle index takes of each, by key. */
  readonly parts = new Map<string, FilePart>();
  readonly #stores: Stores;
  readonly #name: OutputName;
  readonly #rows: RowBuffer;
  #prints: number[] = [];
  #characters = 0;
  #copies = false;

  constructor(stores: Stores, name: OutputName) {
    this.#stores = stores;
    this.#name = name;
    this.#rows = rowBuffer(name.table, 'small');
  }

  row(
    row: Readonly<Record<string, unknown>>,
    copies: boolean,
    raw: Uint8Array | null = null,
  ): Promise<void> | void {
    if (this.#characters >= MOST_CHARACTERS) return this.piece().then(() => this.row(row, copies, raw));
    this.#copies = copies;
    this.#rows.add(row, raw);
    this.#characters += raw?.length ?? 0;
    for (const name in row) {
      const value = row[name];
      if (typeof value === 'string') this.#characters += value.length;
    }
    if (WITH_IDENTITY.has(this.#name.table))
      this.#prints.push(identityPrint(row as Parameters<typeof identityPrint>[0]));
  }

  /** Writes a file of what came since the last one. */
  async piece(): Promise<void> {
    const { compacted, ...name } = this.#name;
    const file = encodeDataFile({ ...name, part: this.files.length }, this.#rows, this.#prints, {
      compacted,
      copies: this.#copies,
    });
    this.#prints = [];
    this.#characters = 0;
    if (file === null) return;
    await this.#stores.vault.putManyIfAbsent(file.vault);
    for (const { key, body } of file.state) await this.#stores.state.put(key, body as Uint8Array);
    this.files.push(file.entry);
    if (file.needles !== null) this.parts.set(file.entry.key, file.needles);
  }
}
