/** The lists of files that tables consist of, made again seal by seal from the ledger's entries. */

import { hash } from 'node:crypto';
import type { Entry } from '../ledger/entry.ts';
import type { TableName } from '../schema/columns.ts';
import { readRows } from '../stages/parquet-rows.ts';
import { printsOf } from '../stages/prints.ts';
import type { Claims } from '../stages/verify/claims.ts';
import { countCopies } from '../tables/identity-prints.ts';
import { type DataFileEntry, emptyTable, type TableMetadata } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { parseKey } from '../vault/keys.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { type FileFacts, mergeOf, type ReplacedDay, replacedDays } from './data-files.ts';
import type { SealedEntries } from './history.ts';

interface TableState {
  /** Keys of its files, in their order. */
  files: string[];
  overlapDays: readonly string[];
}

/** Replays what seals did to tables. */
export class TableLists {
  readonly #stores: Stores;
  readonly #claims: Claims;
  readonly #facts: FileFacts;
  readonly #tables = new Map<string, TableState>();

  constructor(stores: Stores, claims: Claims, facts: FileFacts) {
    this.#stores = stores;
    this.#claims = claims;
    this.#facts = facts;
  }

  /** Keys of the files that a table has now. */
  filesOf(table: string): readonly string[] {
    return this.#tables.get(table)?.files ?? [];
  }

  /**
   * Takes the next seal; `listing`: what the vault has. Resolves to the keys of lists that were stored again, and of
   * those that came out otherwise than they were sealed.
   */
  async take(
    { entries }: SealedEntries,
    listing: ReadonlySet<string>,
  ): Promise<{ stored: string[]; failed: string[] }> {
    const stored: string[] = [];
    const failed: string[] = [];
    const replaced = replacedDays(entries);
    for (const entry of entries) {
      if (entry.kind !== 'metadata') continue;
      const days = replaced.filter(({ table }) => table === entry.table);
      const before = this.#tables.get(entry.table) ?? { files: [], overlapDays: [] };
      const gone = new Set(days.flatMap(({ removed }) => removed));
      const added = entries.flatMap((one) =>
        one.kind === 'data' && one.table === entry.table ? [one.key] : [],
      );
      const files = [...before.files.filter((key) => !gone.has(key)), ...added];
      const next: TableState = { files, overlapDays: before.overlapDays };
      this.#tables.set(entry.table, next);
      if (listing.has(entry.key)) {
        // What is there says what cannot be told otherwise.
        const metadata = await readList(this.#stores, entry.key, entry.sha256);
        if (metadata !== null) next.overlapDays = metadata.overlapDays;
        continue;
      }
      const wanted = this.#claims.objects.has(entry.key);
      const table = entry.table as TableName;
      for await (const overlapDays of this.#overlaps(table, before, added, days, entries, files)) {
        const body = await this.#encoded(table, files, overlapDays);
        if (body === null) break;
        if (hash('sha256', body, 'hex') !== entry.sha256) continue;
        next.overlapDays = overlapDays;
        if (wanted) {
          await this.#stores.vault.putIfAbsent(entry.key, body, WRITE_KINDS.tableMetadata);
          stored.push(entry.key);
        }
        break;
      }
      if (wanted && stored.at(-1) !== entry.key) failed.push(entry.key);
    }
    return { stored, failed };
  }

  /** Null where something is not known of a file. */
  async #encoded(
    table: TableName,
    keys: readonly string[],
    overlapDays: readonly string[],
  ): Promise<Buffer | null> {
    const files: DataFileEntry[] = [];
    for (const key of keys) {
      const facts = await this.factsOf(key);
      if (facts === null) return null;
      files.push(facts);
    }
    const metadata: TableMetadata = { ...emptyTable(table), files, overlapDays };
    return Buffer.from(`${JSON.stringify(metadata)}\n`);
  }

  /** What is said of a file: by a list that is still there, by whoever made it again, else by itself. */
  async factsOf(key: string): Promise<DataFileEntry | null> {
    const found = this.#facts.get(key);
    if (found !== undefined) return found;
    const claim = this.#claims.data.get(key);
    const stat = claim === undefined ? null : await this.#stores.vault.stat(key);
    if (claim === undefined || stat === null || claim.ranges === null) return null;
    const { body } = await this.#stores.vault.get(key);
    if (hash('sha256', body, 'hex') !== claim.sha256) return null;
    const times = await timesIn(body);
    const facts: DataFileEntry = {
      key,
      day: claim.day ?? 'undated',
      rows: claim.rows,
      bytes: stat.size,
      sha256: claim.sha256,
      ranges: claim.ranges,
      minTime: times.min,
      maxTime: times.max,
      ...(claim.copies ? { copies: true as const } : {}),
    };
    this.#facts.set(key, facts);
    return facts;
  }

  /** The days with copies as they may have been listed, the likeliest first. */
  async *#overlaps(
    table: TableName,
    { overlapDays, files: before }: TableState,
    added: readonly string[],
    replaced: readonly ReplacedDay[],
    entries: readonly Entry[],
    files: readonly string[],
  ): AsyncGenerator<readonly string[]> {
    yield overlapDays;
    if (table !== 'events' && table !== 'flows') return;
    const days = new Set(overlapDays);
    if (replaced.length === 0) {
      for (const day of new Set(added.map(dayOf))) {
        const held = before.filter((key) => dayOf(key) === day);
        const fresh = added.filter((key) => dayOf(key) === day);
        const more = (await this.#copies([...held, ...fresh])) - (await this.#copies(held));
        if (more > 0) days.add(day);
      }
      yield [...days].sort();
    } else {
      for (const one of replaced) {
        const own = new Set(one.added);
        const others = files.filter((key) => dayOf(key) === one.day && !own.has(key));
        const merge = mergeOf(one, entries, this.#claims.data);
        if (one.operation === 'compact' && merge?.settle !== true) continue;
        const settled = one.operation === 'compact' ? one.added : [];
        const all = one.operation === 'compact' ? others : [...one.added, ...others];
        const brings =
          all.length > 0 && (await this.#copies([...settled, ...all])) > (await this.#copies(settled));
        if (brings) days.add(one.day);
        else days.delete(one.day);
      }
      yield [...days].sort();
    }
  }

  async #copies(keys: readonly string[]): Promise<number> {
    const prints: Float64Array[] = [];
    for (const key of keys) {
      const facts = await this.factsOf(key);
      if (facts !== null) prints.push(await printsOf(this.#stores, facts));
    }
    return countCopies(prints);
  }
}

const dayOf = (key: string): string => {
  const parts = parseKey(key);
  return parts !== null && 'day' in parts ? parts.day : '';
};

/** Earliest and latest time of the rows; null where no row has one, or the table has none. */
async function timesIn(body: Uint8Array): Promise<{ min: number | null; max: number | null }> {
  let min: number | null = null;
  let max: number | null = null;
  const rows = await readRows(body, ['time']).catch(() => []);
  for (const { time } of rows) {
    if (typeof time !== 'number') continue;
    if (min === null || time < min) min = time;
    if (max === null || time > max) max = time;
  }
  return { min, max };
}

/** A list that is there and is the one that was sealed; null otherwise. */
export async function readList(
  { vault }: Stores,
  key: string,
  sha256: string,
): Promise<TableMetadata | null> {
  const { body } = await vault.get(key);
  if (hash('sha256', body, 'hex') !== sha256) return null;
  return JSON.parse(Buffer.from(body).toString('utf8')) as TableMetadata;
}
