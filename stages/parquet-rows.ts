/** Rows of a stored data file, as the pipeline made them. */

import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Values by column name; absent cells are null. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** All rows, or only some of their columns. Numbers and times are JavaScript numbers. Throws on what is no Parquet. */
export async function readRows(body: Uint8Array, columns?: readonly string[]): Promise<StoredRow[]> {
  const file = new Uint8Array(body).buffer;
  // Microseconds as they are stored: a Date would lose three digits.
  const parsers = { timestampFromMicroseconds: (micros: bigint) => Number(micros) };
  const rows = await parquetReadObjects({
    file,
    compressors,
    parsers,
    ...(columns === undefined ? {} : { columns: [...columns] }),
  });
  for (const row of rows) {
    for (const name in row) {
      const value: unknown = row[name];
      if (typeof value === 'bigint') row[name] = Number(value);
      else if (value === undefined) row[name] = null;
    }
  }
  return rows;
}
