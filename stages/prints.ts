/** Fingerprints of a data file's rows: read from the index, or made again from the file when they are gone or damaged. */

import { decodePrints, encodePrints, identityPrint } from '../tables/identity-prints.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { printsKey } from './data-file.ts';
import { readRows } from './parquet-rows.ts';

/** Throws what the vault throws when the data file itself cannot be read. */
export async function printsOf({ vault, state }: Stores, file: DataFileEntry): Promise<Float64Array> {
  const key = printsKey(file.key);
  if ((await state.stat(key)) !== null) {
    const stored = decodePrints((await state.get(key)).body, file.rows);
    if (stored !== null) return stored;
  }
  const rows = await readRows((await vault.get(file.key)).body, ['source', 'identity', 'uid']);
  const prints = rows.map((row) => identityPrint(row as Parameters<typeof identityPrint>[0]));
  await state.put(key, encodePrints(prints));
  return Float64Array.from(prints);
}
