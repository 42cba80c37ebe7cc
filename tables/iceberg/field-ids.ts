/**
 * Iceberg's ids of the columns, by which engines find them in every data file whatever their name or place:
 * https://iceberg.apache.org/spec/#schemas-and-data-types
 *
 * `field-ids.json` holds every id that was ever given. A new column takes the number after its table's last; a column
 * that leaves the catalogue stays in the file, so that its number is never given again.
 */

import type { TableName } from '../../schema/columns.ts';
import FIELD_IDS from './field-ids.json' with { type: 'json' };

const IDS: Readonly<Record<TableName, Readonly<Record<string, number>>>> = FIELD_IDS;

/** Ids of a table by path: `time`, `targets`, and for a list's element `targets.element`. */
export const fieldIdsOf = (table: TableName): Readonly<Record<string, number>> => IDS[table];

/** The id of a path of a table; undefined for what is no column. As `RowBuffer` wants it. */
export const fieldIdOf =
  (table: TableName) =>
  (path: string): number | undefined =>
    Object.hasOwn(IDS[table], path) ? IDS[table][path] : undefined;

/** The highest id that was ever given in a table. */
export const lastFieldId = (table: TableName): number => Math.max(...Object.values(IDS[table]));
