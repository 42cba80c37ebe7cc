/** Rows in a form that every engine can make, to be compared as text. */

import { createHash } from 'node:crypto';
import { runQuery } from '../../engine/query.ts';
import type { Cell } from '../../engine/result.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { type ColumnType, TABLES, type TableName } from '../../schema/columns.ts';

/** What an engine says of a table. */
export interface TableSaid {
  readonly rows: number;
  /** SHA-256 of all rows as JSON arrays, sorted by their bytes, each followed by a line feed. */
  readonly sha256: string;
  readonly columns: number;
}

const LIMITS = { maxRows: 1e9, maxBytes: 2 ** 40, timeoutMillis: 600_000 };

/** Every row of a table as our own engine shows it, by the view of this name. */
export async function ourTable(snapshot: Snapshot, table: TableName, view: string): Promise<TableSaid> {
  const columns = TABLES[table];
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const sql = `select ${names} from ${view}`;
  const lines: Buffer[] = [];
  for await (const batch of await runQuery({ sql, snapshot, views: [], limits: LIMITS })) {
    for (const row of batch) {
      const cells = row.map((cell, at) => plain(cell, columns[at]!.type));
      lines.push(Buffer.from(`${JSON.stringify(cells)}\n`));
    }
  }
  const hash = createHash('sha256');
  for (const line of lines.sort(Buffer.compare)) hash.update(line);
  return { rows: lines.length, sha256: hash.digest('hex'), columns: columns.length };
}

/** How many rows of a table our own engine finds. */
export async function ourCount(snapshot: Snapshot, view: string, where: string): Promise<number> {
  const sql = `select count(*) from ${view} where ${where}`;
  for await (const batch of await runQuery({ sql, snapshot, views: [], limits: LIMITS }))
    return Number(batch[0]?.[0]);
  return -1;
}

/** Times as microseconds since 1970; whole numbers as text, for no reader to round them. */
function plain(cell: Cell, type: ColumnType): Cell {
  if (cell === null) return null;
  if (type === 'time') return String(microsOf(String(cell)));
  return type === 'int' || type === 'long' ? String(cell) : cell;
}

function microsOf(text: string): bigint {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d{1,6}))?Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}
