/** Reads every data file of a table and checks what is said about it elsewhere: its bounds, its sidecar, its fingerprints. */

import { hash } from 'node:crypto';
import { faultOfSettlement } from '../../compaction/settled-check.ts';
import { countCopies, decodePrints, identityPrint } from '../../tables/identity-prints.ts';
import type { DataFileEntry, TableMetadata } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import { dayName, printsKey } from '../data-file.ts';
import { readRows, type StoredRow } from '../parquet-rows.ts';
import { rangesKey } from './claims.ts';
import { type Harm, messageOf } from './report.ts';

/** Hands every row to `onRow`. Files must have been found unaltered before: this finds what was sealed wrong. */
export async function checkDataFiles(
  stores: Stores,
  metadata: TableMetadata,
  problems: Harm[],
  onRow: (row: StoredRow) => void,
): Promise<void> {
  const printsByDay = new Map<string, Float64Array[]>();
  /** Days of which some copy was set aside or marked. */
  const settledDays = new Set<string>();
  for (const file of metadata.files) {
    try {
      const { body } = await stores.vault.get(file.key);
      const sidecar = (await stores.vault.get(rangesKey(file.key))).body;
      const fault = faultOfSidecar(sidecar, body);
      if (fault !== null) problems.push(differs(rangesKey(file.key), fault));
      const rows = await readRows(body);
      for (const row of rows) onRow(row);
      checkFacts(file, rows, body.length, problems);
      if (metadata.table !== 'events' && metadata.table !== 'flows') continue;
      if (file.copies === true || rows.some(({ conflict }) => conflict === true)) settledDays.add(file.day);
      const prints = Float64Array.from(rows, (row) =>
        identityPrint(row as Parameters<typeof identityPrint>[0]),
      );
      await checkPrints(stores, file, prints, problems);
      printsByDay.set(file.day, [...(printsByDay.get(file.day) ?? []), prints]);
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key: file.key, detail: messageOf(error) });
    }
  }
  for (const [day, prints] of printsByDay) {
    if (metadata.overlapDays.includes(day)) continue;
    if (settledDays.has(day)) {
      const fault = await faultOfDay(stores, metadata, day);
      if (fault !== null)
        problems.push({ code: 'ROW_DIFFERS', key: metadata.table, detail: `${day}: ${fault}` });
      continue;
    }
    if (countCopies(prints) === 0) continue;
    const detail = `${day} holds events more than once and is not marked so: queries would show them twice`;
    problems.push({ code: 'ROW_DIFFERS', key: metadata.table, detail });
  }
}

async function faultOfDay(
  stores: Stores,
  { table, files }: TableMetadata,
  day: string,
): Promise<string | null> {
  if (table !== 'events' && table !== 'flows') return null;
  const own = files.filter((file) => file.day === day);
  try {
    return await faultOfSettlement(stores, table, own);
  } catch (error) {
    return `whether copies are settled cannot be told: ${messageOf(error)}`;
  }
}

/** Queries pass over files by these facts: one that is wrong hides rows. */
function checkFacts(file: DataFileEntry, rows: readonly StoredRow[], bytes: number, problems: Harm[]): void {
  const times = rows
    .map((row) => row['time'] ?? null)
    .filter((time): time is number => typeof time === 'number');
  const [min, max] = [least(times, (a, b) => a < b), least(times, (a, b) => a > b)];
  const wrong = [
    rows.length === file.rows ? null : `${rows.length} rows, said to be ${file.rows}`,
    bytes === file.bytes ? null : `${bytes} bytes, said to be ${file.bytes}`,
    min === file.minTime && max === file.maxTime
      ? null
      : `times ${min} … ${max}, said to be ${file.minTime} … ${file.maxTime}`,
    rows.every((row) => dayName(typeof row['time'] === 'number' ? row['time'] : null) === file.day)
      ? null
      : `rows of other days than ${file.day}`,
  ].filter((fault) => fault !== null);
  if (wrong.length > 0) problems.push(differs(file.key, `it holds ${wrong.join(', ')}`));
}

const least = (values: readonly number[], before: (a: number, b: number) => boolean): number | null =>
  values.reduce<number | null>(
    (found, value) => (found === null || before(value, found) ? value : found),
    null,
  );

async function checkPrints(
  { state }: Stores,
  file: DataFileEntry,
  prints: Float64Array,
  problems: Harm[],
): Promise<void> {
  const key = printsKey(file.key);
  if ((await state.stat(key)) === null) return;
  const stored = decodePrints((await state.get(key)).body, file.rows);
  // Missing or damaged, a seal makes it again; a whole one that lies would be believed.
  if (stored === null || Buffer.compare(bytesOf(stored), bytesOf(prints.toSorted())) === 0) return;
  problems.push(differs(key, 'its fingerprints are not those of the file’s rows'));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

interface Sidecar {
  readonly size: number;
  readonly footer: { readonly offset: number; readonly length: number; readonly sha256: string };
  readonly rowGroups: readonly {
    readonly chunks: readonly (readonly [
      string,
      number,
      number,
      string,
      (readonly [number, number, string])?,
    ])[];
  }[];
}

/** What is wrong with the hashes by which readers of parts of a file check just those parts; null when nothing is. */
function faultOfSidecar(bytes: Uint8Array, body: Uint8Array): string | null {
  const { size, footer, rowGroups } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Sidecar;
  if (size !== body.length) return `it is for a file of ${size} bytes, and ${body.length} are stored`;
  const ranges = rowGroups.flatMap(({ chunks }) =>
    chunks.flatMap(([column, offset, length, sha256, bloom]) => [
      [column, offset, length, sha256] as const,
      ...(bloom === undefined ? [] : [[`${column}'s bloom filter`, ...bloom] as const]),
    ]),
  );
  const wrong = [...ranges, ['the footer', footer.offset, footer.length, footer.sha256] as const].find(
    ([, offset, length, sha256]) => hash('sha256', body.subarray(offset, offset + length), 'hex') !== sha256,
  );
  return wrong === undefined ? null : `its hash of ${wrong[0]} is not that of the bytes stored`;
}

const differs = (key: string, detail: string): Harm => ({ code: 'ROW_DIFFERS', key, detail });
