/** Which records the rows of a package are of, in the order they lie in the evidence. */

import { runQuery } from '../../engine/query.ts';
import type { ExportBase, RowTable, Selection } from '../ocsf-selection.ts';

/** Where a row says that it comes from. */
export interface RecordRow {
  readonly table: RowTable;
  readonly uid: string | null;
  readonly source: string;
  /** SHA-256 of the body. */
  readonly evidence: string;
  readonly locator: string;
  /** SHA-256 and length in bytes of the row's `raw`, as UTF-8. */
  readonly sha256: string;
  readonly bytes: number;
  readonly mapping: string | null;
}

/**
 * Each record once, by table, source, body and place: the columns that are sorted are short, so that neither the records'
 * texts nor the rows need to fit into memory. Throws as `runQuery` does.
 */
export async function* recordRows(
  base: ExportBase,
  selections: readonly Selection[],
): AsyncGenerator<RecordRow> {
  const [{ parameters } = { parameters: [] }] = selections;
  const answer = await runQuery({ ...base, sql: statement(selections), parameters });
  let last = '';
  for await (const batch of answer) {
    for (const cells of batch) {
      const [table, uid, source, evidence, locator, sha256, bytes, mapping] = cells;
      // A statement may name a row more than once.
      const own = `${evidence} ${locator}`;
      if (own === last) continue;
      last = own;
      yield {
        table: table as RowTable,
        uid: uid === null ? null : String(uid),
        source: String(source),
        evidence: String(evidence),
        locator: String(locator),
        sha256: String(sha256),
        bytes: Number(bytes),
        mapping: mapping === null ? null : String(mapping),
      };
    }
  }
  await answer.summary;
}

const statement = (selections: readonly Selection[]): string => `
  SELECT * FROM (${selections.map(({ table, sql }) => columns(table, sql)).join(' UNION ALL ')}) AS chosen
  ORDER BY "table", source, evidence, TRY_CAST(regexp_extract(locator, '^bytes=([0-9]+)-', 1) AS BIGINT), locator, uid`;

const columns = (table: RowTable, sql: string): string =>
  `SELECT '${table}' AS "table", uid, source, evidence, locator, sha256(coalesce(raw, '')) AS sha256,
    strlen(coalesce(raw, '')) AS bytes, mapping_version AS mapping
  FROM (\n${sql}\n) AS chosen`;
