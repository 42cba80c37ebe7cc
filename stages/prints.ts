/** Fingerprints of a data file's rows: read from the index, or made again from the file when they are gone or damaged. */

import { getIfPresent } from '../ledger/store.ts';
import { decodePrints, encodePrints, identityPrint } from '../tables/identity-prints.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { printsKey } from './data-file.ts';
import { readRows } from './parquet-rows.ts';

/** Sorted. Throws what the vault throws when the data file itself cannot be read. */
export async function printsOf({ vault, state }: Stores, file: DataFileEntry): Promise<Float64Array> {
  const key = printsKey(file.key);
  const found = await getIfPresent(state, key);
  if (found !== null) {
    const stored = decoded(found.body, file.rows);
    if (stored !== null) return stored;
  }
  const rows = await readRows((await vault.get(file.key)).body, ['source', 'identity', 'uid']);
  const prints = rows.map((row) => identityPrint(row as Parameters<typeof identityPrint>[0]));
  await state.put(key, encodePrints(prints));
  return Float64Array.from(prints).sort();
}

/** Lists by the bytes they were decoded from: who keeps those at hand need not have them checked at each seal. */
const checked = new WeakMap<Uint8Array, Float64Array>();

function decoded(bytes: Uint8Array, rows: number): Float64Array | null {
  const before = checked.get(bytes);
  if (before?.length === rows) return before;
  const prints = decodePrints(bytes, rows);
  if (prints !== null) checked.set(bytes, prints);
  return prints;
}
