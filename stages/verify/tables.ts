/** Checks that the head's tables are the ledger's, and that their rows add up to what its entries count. */

import { hasCode } from '../../ledger/store.ts';
import type { TableName } from '../../schema/columns.ts';
import type { Head } from '../../tables/head.ts';
import { type DataFileEntry, readTable, type TableMetadata } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Claims, DataClaim } from './claims.ts';
import { type Harm, messageOf } from './report.ts';

/** The tables that could be read, as the head names them. */
export type Tables = ReadonlyMap<TableName, TableMetadata>;

export async function checkTables(
  stores: Stores,
  head: Head,
  claims: Claims,
  problems: Harm[],
): Promise<Tables> {
  if (claims.complete) {
    compareNames('for', head.tables, claims.metadata, problems);
    compareNames('as the needle index of', head.index, claims.index, problems);
    compareNames('as the newest entry of', head.tails, claims.tails, problems);
  }
  const tables = new Map<TableName, TableMetadata>();
  for (const table of Object.keys(head.tables) as TableName[]) {
    try {
      const metadata = await readTable(stores.vault, head, table);
      tables.set(table, metadata);
      compareFiles(metadata, claims, problems);
    } catch (error) {
      // What is gone is named among the objects.
      if (hasCode(error, 'STORE_MISSING') && claims.objects.has(head.tables[table]!)) continue;
      const code = hasCode(error, 'TABLE_DAMAGED') ? 'ALTERED' : 'UNREADABLE';
      problems.push({ code, key: head.tables[table]!, detail: messageOf(error) });
    }
  }
  if (claims.complete) countRows(head, tables, claims, problems);
  return tables;
}

/** What the head repeats of the ledger, for those who read no ledger. Both ways: what is left out is a difference too. */
function compareNames(
  what: string,
  named: Readonly<Record<string, string | number>>,
  sealed: ReadonlyMap<string, string | number>,
  problems: Harm[],
): void {
  for (const name of new Set([...Object.keys(named), ...sealed.keys()])) {
    const own = Object.hasOwn(named, name) ? named[name] : undefined;
    if (own === sealed.get(name)) continue;
    const detail = `${what} ${name} it names ${own ?? 'nothing'}, and the ledger ${sealed.get(name) ?? 'nothing'}`;
    problems.push({ code: 'HEAD_DIFFERS', key: 'head', detail });
  }
}

function compareFiles(
  { table, files }: TableMetadata,
  { data, replaced, complete }: Claims,
  problems: Harm[],
): void {
  const listed = new Set<string>();
  for (const file of files) {
    const claim = data.get(file.key);
    // A damaged ledger may have lost the entry.
    if (claim === undefined && !complete) continue;
    const fault = listed.has(file.key)
      ? 'lists it twice'
      : replaced.has(file.key)
        ? 'lists it, and the ledger says that others have taken its place'
        : claim && saysSame(table, file, claim)
          ? null
          : 'lists it otherwise than the ledger does';
    if (fault !== null) problems.push({ code: 'HEAD_DIFFERS', key: file.key, detail: `${table} ${fault}` });
    listed.add(file.key);
  }
  for (const [key, claim] of data) {
    if (claim.table !== table || listed.has(key) || replaced.has(key)) continue;
    const detail = `the ledger has it, and ${table} does not list it: its rows are hidden`;
    problems.push({ code: 'HEAD_DIFFERS', key, detail });
  }
}

const saysSame = (table: string, file: DataFileEntry, claim: DataClaim): boolean =>
  claim.table === table &&
  claim.sha256 === file.sha256 &&
  claim.rows === file.rows &&
  claim.ranges === file.ranges &&
  claim.copies === (file.copies === true) &&
  (claim.day ?? 'undated') === file.day;

function countRows(head: Head, tables: Tables, claims: Claims, problems: Harm[]): void {
  const counted = { events: 0, flows: 0, quarantine: 0, evidence: 0, custody: claims.custody.size };
  for (const { events, flows, unreadable } of claims.evidence.values()) {
    counted.events += events;
    counted.flows += flows;
    counted.quarantine += unreadable;
    counted.evidence++;
  }
  for (const [table, count] of Object.entries(counted) as [TableName, number][]) {
    // Its list cannot be read, which is said already.
    if (head.tables[table] !== undefined && !tables.has(table)) continue;
    const rows = tables.get(table)?.files.reduce((sum, file) => sum + file.rows, 0) ?? 0;
    if (rows === count) continue;
    const detail = `it holds ${rows} rows, and the ledger's entries add up to ${count}`;
    problems.push({ code: 'COUNT_DIFFERS', key: table, detail });
  }
}

/** Bytes of each data file as its table says, which the ledger vouches for. */
export function sizesOf(tables: Tables): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { files } of tables.values()) for (const { key, bytes } of files) sizes.set(key, bytes);
  return sizes;
}
