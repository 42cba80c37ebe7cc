/** The rows of a package: what the question answered, and the whole rows behind it, each in the forms that were asked for. */

import { join } from 'node:path';
import { csvRenderer } from '../../engine/format/csv.ts';
import { ndjsonRenderer } from '../../engine/format/json.ts';
import type { Parameters } from '../../engine/parameters.ts';
import { runQuery } from '../../engine/query.ts';
import { queryToParquet } from '../../engine/query-parquet.ts';
import { AkashiError } from '../../schema/error.ts';
import { exportOcsfLines, type OcsfExport } from '../ocsf-lines.ts';
import type { ExportBase, Selection } from '../ocsf-selection.ts';
import type { BagFile } from './bag.ts';
import type { Staging } from './staging.ts';

/** Forms beside JSON lines, which are always there: they are what verifiers read. */
export const ROW_FORMS = ['csv', 'parquet', 'ocsf'] as const;
export type RowForm = (typeof ROW_FORMS)[number];

/** Columns by which a row leads to its record; an answer that has them is checked row by row. */
export const LINK_COLUMNS = ['evidence', 'locator', 'raw'] as const;

export interface RowSet {
  /** Without its ending: `data/rows/answer`. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly string[];
  /** DuckDB's names of their types. */
  readonly types: readonly string[];
  readonly files: readonly BagFile[];
}

/**
 * The answer of one statement as `<name>.jsonl`, and as CSV and Parquet where they are asked for. Throws as `runQuery` does,
 * and PACKAGE_ROWS_DIFFER when two readings of one snapshot do not give the same number of rows.
 */
export async function writeRows(
  base: ExportBase,
  { sql, parameters }: { readonly sql: string; readonly parameters: Parameters },
  name: string,
  forms: ReadonlySet<RowForm>,
  staging: Staging,
  onRows: (rows: number) => void,
): Promise<RowSet> {
  const answer = await runQuery({ ...base, sql, parameters });
  const renderers = [
    { file: await staging.create(`${name}.jsonl`), renderer: ndjsonRenderer() },
    ...(forms.has('csv')
      ? [
          {
            file: await staging.create(`${name}.csv`),
            renderer: csvRenderer({ width: Number.POSITIVE_INFINITY, terminal: false }),
          },
        ]
      : []),
  ];
  for (const { file, renderer } of renderers) await file.write(renderer.begin(answer.columns));
  let rows = 0;
  for await (const batch of answer) {
    for (const { file, renderer } of renderers) await file.write(renderer.rows(batch));
    rows += batch.length;
    onRows(rows);
  }
  if ((await answer.summary).truncated !== null) throw differ(name, 'the answer was cut short');
  const files: BagFile[] = [];
  for (const { file } of renderers) files.push(await file.finish());
  if (forms.has('parquet') && rows > 0) {
    const path = join(staging.folder, `${name.replaceAll('/', '-')}.parquet`);
    const { rowCount } = await queryToParquet({ ...base, sql, parameters }, path);
    if (rowCount !== rows) throw differ(name, `${rows} rows as lines, ${rowCount} as Parquet`);
    files.push(await staging.adopt(`${name}.parquet`, path));
  }
  return {
    name,
    rows,
    columns: answer.columns.map(({ name: column }) => column),
    types: answer.columns.map(({ type }) => type),
    files,
  };
}

/** What counts the same rows again: a statement of its own. Throws PACKAGE_ROWS_DIFFER where it does not agree. */
export async function countAgain(
  base: ExportBase,
  sets: readonly (RowSet & { readonly sql: string })[],
  parameters: Parameters,
): Promise<void> {
  const counts = sets.map(({ sql }) => `(SELECT count(*) FROM (\n${sql}\n) AS chosen)`);
  for await (const batch of await runQuery({ ...base, sql: `SELECT ${counts.join(', ')}`, parameters }))
    for (const cells of batch)
      for (const [at, { name, rows }] of sets.entries())
        if (Number(cells[at]) !== rows) throw differ(name, `${rows} rows were read and ${cells[at]} counted`);
}

/** The same rows as OCSF records, one a line. */
export async function writeOcsf(
  base: ExportBase,
  selections: readonly Selection[],
  name: string,
  staging: Staging,
  onRows: (rows: number) => void,
): Promise<{ file: BagFile; report: OcsfExport }> {
  const path = join(staging.folder, 'ocsf');
  const report = await exportOcsfLines(base, selections, path, onRows);
  return { file: await staging.adopt(name, path), report };
}

const differ = (name: string, what: string): AkashiError =>
  new AkashiError(
    'PACKAGE_ROWS_DIFFER',
    `The rows of ${name} are not the same each time they are asked for (${what}), so that nobody could check them. ` +
      'Leave random numbers and the present time out of the SQL, and order by something that is unique where it has a LIMIT.',
  );
