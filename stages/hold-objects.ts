/** Which stored objects a hold is placed on: bodies, and the data files that their rows lie in. */

import type { TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { type Head, readHead } from '../tables/head.ts';
import { type DataFileEntry, readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { evidenceKey } from '../vault/keys.ts';
import { readRows } from './parquet-rows.ts';
import { rangesKey } from './verify/claims.ts';

export interface TimeRange {
  /** Microseconds since the epoch; from this instant on. */
  readonly from: number;
  /** Before this one. */
  readonly to: number;
}

export interface Chosen {
  /** Keys in the vault. */
  readonly objects: ReadonlySet<string>;
  readonly bodies: number;
  readonly dataFiles: number;
}

interface Body {
  readonly sha256: string;
  readonly source: string;
  readonly first: number | null;
  readonly last: number | null;
  /** Data file of the evidence table with its row. */
  readonly listedIn: DataFileEntry;
}

/** The bodies of these hashes. Throws HOLD_NO_SUCH_BODY for one the lake does not have. */
export async function objectsOfBodies(stores: Stores, hashes: ReadonlySet<string>): Promise<Chosen> {
  const { head } = await readHead(stores.state);
  const bodies = (await readBodies(stores, head)).filter(({ sha256 }) => hashes.has(sha256));
  const known = new Set(bodies.map(({ sha256 }) => sha256));
  const unknown = [...hashes].find((hash) => !known.has(hash));
  if (unknown !== undefined)
    throw new AkashiError(
      'HOLD_NO_SUCH_BODY',
      `${JSON.stringify(unknown)} is not the SHA-256 of a body in this lake. The column evidence of events and flows ` +
        'says which body a row came from, as does sha256 of the table evidence.',
    );
  return objectsOf(stores, head, bodies, null);
}

/** Every body whose records' times touch the range, of one source or of all. */
export async function objectsBetween(
  stores: Stores,
  range: TimeRange,
  source: string | null,
): Promise<Chosen> {
  const { head } = await readHead(stores.state);
  const bodies = (await readBodies(stores, head)).filter(
    (body) =>
      (source === null || body.source === source) && touches({ min: body.first, max: body.last }, range),
  );
  return objectsOf(stores, head, bodies, range);
}

async function readBodies({ vault }: Stores, head: Head): Promise<Body[]> {
  const bodies: Body[] = [];
  for (const file of (await readTable(vault, head, 'evidence')).files) {
    const columns = ['sha256', 'source', 'first_time', 'last_time'];
    for (const row of await readRows((await vault.get(file.key)).body, columns)) {
      bodies.push({
        sha256: String(row['sha256']),
        source: String(row['source']),
        first: row['first_time'] as number | null,
        last: row['last_time'] as number | null,
        listedIn: file,
      });
    }
  }
  return bodies;
}

const touches = ({ min, max }: { min: number | null; max: number | null }, range: TimeRange): boolean =>
  min !== null && max !== null && min < range.to && max >= range.from;

const WITH_ROWS: readonly TableName[] = ['events', 'flows', 'quarantine'];

async function objectsOf(
  stores: Stores,
  head: Head,
  bodies: readonly Body[],
  range: TimeRange | null,
): Promise<Chosen> {
  const objects = new Set(bodies.map(({ source, sha256 }) => evidenceKey(source, sha256)));
  const files = new Set(bodies.map(({ listedIn }) => listedIn.key));
  const chosen = new Set(bodies.map(({ sha256 }) => sha256));
  for (const table of bodies.length === 0 ? [] : WITH_ROWS) {
    for (const file of (await readTable(stores.vault, head, table)).files) {
      if (mayHold(file, bodies, range) && (await holdsAny(stores, file, chosen))) files.add(file.key);
    }
  }
  for (const key of files) objects.add(key).add(rangesKey(key));
  return { objects, bodies: bodies.length, dataFiles: files.size };
}

/** Told from times alone; where there are none, the file itself must say. */
function mayHold(
  { minTime: min, maxTime: max }: DataFileEntry,
  bodies: readonly Body[],
  range: TimeRange | null,
): boolean {
  if (min === null || max === null) return true;
  if (range !== null && !touches({ min, max }, range)) return false;
  return bodies.some(({ first, last }) => first !== null && last !== null && first <= max && last >= min);
}

async function holdsAny(
  { vault }: Stores,
  { key }: DataFileEntry,
  chosen: ReadonlySet<string>,
): Promise<boolean> {
  const rows = await readRows((await vault.get(key)).body, ['evidence']);
  return rows.some((row) => chosen.has(String(row['evidence'])));
}
