/** The lists of files that tables consist of, made again seal by seal from the ledger's entries. */

import { hash } from 'node:crypto';
import type { Entry, EntryOf } from '../ledger/entry.ts';
import { hasCode } from '../ledger/store.ts';
import type { TableName } from '../schema/columns.ts';
import { readRows } from '../stages/parquet-rows.ts';
import { printsOf } from '../stages/prints.ts';
import { changed } from '../stages/table-change.ts';
import type { Claims } from '../stages/verify/claims.ts';
import { countCopies } from '../tables/identity-prints.ts';
import { type DataFileEntry, emptyRoot, rootOf, type TableRoot } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { parseKey } from '../vault/keys.ts';
import type { WriteItem } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';
import { type FileFacts, mergeOf, type ReplacedDay, replacedDays } from './data-files.ts';
import type { SealedEntries } from './history.ts';
import { type ListEdit, listEdits } from './list-edits.ts';

interface Made {
  readonly key: string;
  readonly root: TableRoot;
  readonly writes: readonly WriteItem[];
}

interface TableState {
  /** Keys of its files, in their order. */
  files: string[];
  /** As it was after the last seal; of one that could not be made again, its days with copies may be others. */
  root: TableRoot;
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

  /** Takes the next seal, and stores its lists again, all that come out as they were sealed. `listing`: what the vault has. */
  async take({ entries }: SealedEntries, listing: ReadonlySet<string>): Promise<void> {
    const replaced = replacedDays(entries);
    for (const entry of entries) {
      if (entry.kind !== 'metadata') continue;
      const table = entry.table as TableName;
      const days = replaced.filter((day) => day.table === table);
      const before = this.#tables.get(table) ?? { files: [], root: emptyRoot(table) };
      const removed = [...new Set(days.flatMap((day) => day.removed))];
      const gone = new Set(removed);
      const added = entries.flatMap((one) => (one.kind === 'data' && one.table === table ? [one.key] : []));
      const files = [...before.files.filter((key) => !gone.has(key)), ...added];
      const next: TableState = { files, root: before.root };
      this.#tables.set(table, next);
      const lists = entries.filter(
        (one): one is EntryOf<'lists'> => one.kind === 'lists' && one.table === table,
      );
      const own = lists.flatMap((one) => one.added);
      if ([entry.key, ...own].every((key) => listing.has(key))) {
        // What is there says what cannot be told otherwise.
        const { body } = await this.#stores.vault.get(entry.key);
        next.root = rootOf(body, table, entry.sha256) ?? before.root;
        continue;
      }
      const { edits, whole } = listEdits(before.root, lists, { added, removed, files });
      const attempts = this.#attempts(
        edits,
        whole,
        this.#overlaps(table, before, added, days, entries, files),
      );
      for await (const { edit, overlapDays } of attempts) {
        const made =
          (await this.#ofFirstFormat(table, files, overlapDays, entry)) ??
          (await this.#ofEdit(edit, overlapDays, entry));
        if (made?.key !== entry.key) continue;
        next.root = made.root;
        await this.#stores.vault.putManyIfAbsent(made.writes);
        break;
      }
    }
  }

  async *#attempts(
    edits: readonly ListEdit[],
    whole: ListEdit | null,
    overlaps: AsyncIterable<readonly string[]>,
  ): AsyncGenerator<{ readonly edit: ListEdit; readonly overlapDays: readonly string[] }> {
    for await (const overlapDays of overlaps) for (const edit of edits) yield { edit, overlapDays };
    if (whole !== null) yield { edit: whole, overlapDays: await this.#daysWithCopies(whole) };
  }

  /** As earlier versions listed a table: whole, in one file. */
  async #ofFirstFormat(
    table: TableName,
    keys: readonly string[],
    overlapDays: readonly string[],
    { key, sha256 }: EntryOf<'metadata'>,
  ): Promise<Made | null> {
    const files = await this.#factsOfAll(keys);
    if (files === null) return null;
    const body = Buffer.from(`${JSON.stringify({ format: 1, table, files, overlapDays })}\n`);
    const root = rootOf(body, table, sha256);
    const kind = WRITE_KINDS.tableMetadata;
    return root === null ? null : { key, root, writes: [{ key, body, kind }] };
  }

  async #ofEdit(
    edit: ListEdit,
    overlapDays: readonly string[],
    { key, at }: EntryOf<'metadata'>,
  ): Promise<Made | null> {
    const added = await this.#factsOfAll(edit.added);
    const removed = await this.#factsOfAll(edit.removed);
    const named = parseKey(key);
    if (added === null || removed === null || at === undefined || named?.class !== 'tableMetadata')
      return null;
    try {
      return await changed(this.#stores.vault, { ...edit, added, removed, overlapDays }, named.version, at);
    } catch (error) {
      // A list that it would be made from is gone.
      if (hasCode(error, 'STORE_MISSING') || hasCode(error, 'TABLE_DAMAGED')) return null;
      throw error;
    }
  }

  async #factsOfAll(keys: readonly string[]): Promise<DataFileEntry[] | null> {
    const files: DataFileEntry[] = [];
    for (const key of keys) {
      const facts = await this.factsOf(key);
      if (facts === null) return null;
      files.push(facts);
    }
    return files;
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
    { root: { overlapDays }, files: before }: TableState,
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

  async #daysWithCopies({ before: { table }, added }: ListEdit): Promise<string[]> {
    const days: string[] = [];
    if (table === 'events' || table === 'flows')
      for (const [day, own] of Map.groupBy(added, dayOf)) if ((await this.#copies(own)) > 0) days.push(day);
    return days.sort();
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
