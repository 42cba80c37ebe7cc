/** Rows and names as short hashes, so that millions of them fit into memory. */

import { createHash } from 'node:crypto';
import { type ColumnType, TABLES } from '../../../schema/columns.ts';
import { microsOf } from '../../ocsf-lines.ts';
import type { RowTable } from '../../ocsf-selection.ts';

/** 128 bits of SHA-256, as a text of 16 characters. */
export const hash16 = (text: string): string =>
  createHash('sha256').update(text).digest().toString('latin1', 0, 16);

/** Told when a query is asked, not by the record: whether copies of an event disagree. */
const NOT_OF_THE_RECORD = new Set(['conflict']);

/** A row's hash, whether it comes from a package's JSON lines or was derived just now. */
export const rowHash = (table: RowTable, row: Readonly<Record<string, unknown>>): string =>
  hash16(
    JSON.stringify(
      TABLES[table]
        .filter(({ name }) => !NOT_OF_THE_RECORD.has(name))
        .map(({ name, type }) => cellOf(row[name] ?? null, type)),
    ),
  );

function cellOf(value: unknown, type: ColumnType): unknown {
  if (type === 'time') return typeof value === 'string' ? microsOf(value) : value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'string' ? one.toWellFormed() : one));
  return value;
}
