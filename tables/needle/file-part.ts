/** The needle index of a stored data file, made again from its columns. */

import { TABLES } from '../../schema/columns.ts';
import type { VaultStore } from '../../vault/store.ts';
import { type Meter, openChunks } from '../data-chunks.ts';
import { valuesIn } from '../parquet/read/texts.ts';
import type { DataFileEntry } from '../table-metadata.ts';
import { type NeedleTable, needleColumns } from './columns.ts';
import { encodePart, type FilePart } from './pack.ts';
import { distinctPrints, Prints } from './print.ts';

/** Columns that are lists. */
export const isList = (table: NeedleTable, column: string): boolean =>
  TABLES[table].find(({ name }) => name === column)?.type === 'strings';

/** Reads the columns that are indexed and no others. Throws DATA_ALTERED, and what the vault throws. */
export async function partOfFile(
  vault: VaultStore,
  table: NeedleTable,
  file: DataFileEntry,
  meter: Meter = { bytes: 0, requests: 0 },
): Promise<FilePart> {
  const chunks = await openChunks(vault, file, meter);
  const columns = needleColumns(table);
  const prints = new Prints();
  const groups: Uint32Array[] = [];
  for (const group of chunks.rowGroups.keys()) {
    for (const [column, chunk] of await chunks.read(group, [...columns.keys()])) {
      const kind = columns.get(column)!;
      for (const value of valuesIn(chunk, isList(table, column))) prints.addText(value, kind);
    }
    groups.push(distinctPrints([prints.take()]));
  }
  return encodePart(groups);
}
