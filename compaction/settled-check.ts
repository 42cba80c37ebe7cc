/** Whether a settled day is settled as the rule says: what is set aside is worse than what is shown, and conflicts are marked. */

import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteText } from '../engine/sql-text.ts';
import {
  conflictTable,
  type Deduplicated,
  hiddenTable,
  identityOf,
  settledParts,
} from '../engine/views/copies.ts';
import { columnExpressions, readParquet } from '../engine/views/relation.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { MERGE_MEMORY } from './day-job.ts';
import { withInputs } from './inputs.ts';
import { snapshotFile, storedColumns, withEngine } from './merge.ts';

/** What is wrong with the settlement of all files of one day; null when nothing is. Throws DATA_ALTERED, COMPACT_FAILED. */
export async function faultOfSettlement(
  { vault }: Pick<Stores, 'vault'>,
  table: Deduplicated,
  files: readonly DataFileEntry[],
): Promise<string | null> {
  const scratchPath = (suffix: string) => join(tmpdir(), `akashi-verify-${randomUUID()}${suffix}`);
  return withInputs({ vault, scratchPath }, files, (paths) =>
    withEngine({ memoryBytes: MERGE_MEMORY, spillTo: tmpdir() }, async (connection) => {
      const inputs = files.map(({ rows, bytes, copies }, at) => ({
        path: paths[at]!,
        rows,
        bytes,
        copies: copies === true,
      }));
      const all = inputs.map(snapshotFile);
      const stored = await storedColumns(connection, table, all);
      await settledParts(connection, table, all, stored, MERGE_MEMORY);
      const count = async (sql: string): Promise<number> =>
        Number((await connection.runAndReadAll(sql)).getRows()[0]![0]);
      const aside = inputs.filter(({ copies }) => copies);
      const shown = inputs.filter(({ copies }) => !copies).map(snapshotFile);
      const isAside =
        aside.length === 0 ? 'false' : `file IN (${aside.map(({ path }) => quoteText(path)).join(', ')})`;
      const shownTwice = await count(`SELECT count(*) FROM ${hiddenTable(table)} WHERE NOT ${isAside}`);
      if (shownTwice > 0) return `${shownTwice} copies are shown that should be set aside`;
      const hidden = await count(`SELECT count(*) FROM ${hiddenTable(table)} WHERE ${isAside}`);
      const rowsAside = aside.reduce((sum, { rows }) => sum + rows, 0);
      if (hidden !== rowsAside)
        return `${rowsAside - hidden} rows are set aside that are the best of their event`;
      if (table !== 'events' || shown.length === 0) return null;
      const columns = columnExpressions(table, stored);
      const wrong = await count(
        `SELECT count(*) FROM ${readParquet(table, shown)}
          WHERE coalesce(${columns.get('conflict')}, false) <>
            coalesce(${identityOf(columns)} IN (SELECT identity FROM ${conflictTable(table)}), false)`,
      );
      return wrong === 0 ? null : `${wrong} rows say otherwise of conflicts than their copies do`;
    }),
  );
}
