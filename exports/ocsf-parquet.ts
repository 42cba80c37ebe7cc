/** Rows as OCSF records in Parquet: one file per class, with the nested structure of the class's view. */

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runQuery } from '../engine/query.ts';
import { queriesToParquet } from '../engine/query-parquet.ts';
import { OCSF_VIEWS } from '../engine/views/ocsf.ts';
import { ocsfRelation } from '../engine/views/ocsf-sql.ts';
import { OCSF_CLASSES, OCSF_VERSION } from '../schema/ocsf/model.ts';
import type { ExportBase, RowTable, Selection } from './ocsf-selection.ts';

export interface OcsfParquetExport {
  readonly schema: string;
  readonly records: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly withoutTime: number;
  readonly files: readonly { readonly path: string; readonly records: number; readonly bytes: number }[];
  readonly bytes: number;
  readonly head: string;
  readonly seconds: number;
}

/**
 * Writes `<folder>/ocsf_<class>.parquet` for every class that has records. Each file is whole or not there; files of an
 * earlier export with the same name are replaced. Throws as `queryToParquet` does.
 */
export async function exportOcsfParquet(
  base: ExportBase,
  selections: readonly Selection[],
  folder: string,
  onProgress: (records: number) => void = () => {},
): Promise<OcsfParquetExport> {
  const started = performance.now();
  await mkdir(folder, { recursive: true });
  const { present, withoutTime } = await classesIn(base, selections);
  const wanted = OCSF_VIEWS.flatMap(({ view, className, tables }) => {
    const own = selections.filter(({ table }) => tables.includes(table));
    if (!own.some(({ table }) => present.has(table === 'flows' ? 'flows' : className))) return [];
    const from = Object.fromEntries(own.map(({ table, sql }) => [table, `(${sql})`]));
    const [{ parameters } = { parameters: [] }] = own;
    const path = join(folder, `${view}.parquet`);
    return [{ className, path, parameters, sql: ocsfRelation(className, from) }];
  });
  let records = 0;
  const counts = await queriesToParquet(base, wanted, async (rows) => {
    records += rows;
    onProgress(records);
  });
  const files = await Promise.all(
    wanted.map(async ({ path }, at) => ({ path, records: counts[at]!, bytes: (await stat(path)).size })),
  );
  const classes = Object.fromEntries(wanted.map(({ className }, at) => [className, counts[at]!]));
  return {
    schema: OCSF_VERSION,
    records,
    classes,
    withoutTime,
    files,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    head: base.snapshot.head,
    seconds: (performance.now() - started) / 1000,
  };
}

const CLASS_NAMES = new Map([...OCSF_CLASSES.values()].map(({ uid, caption }) => [uid, caption]));

/** Classes of the events there are, `flows` if there are flows, and how many rows have no time. */
async function classesIn(
  base: ExportBase,
  selections: readonly Selection[],
): Promise<{ present: ReadonlySet<string>; withoutTime: number }> {
  const present = new Set<string>();
  let withoutTime = 0;
  for (const { table, sql, parameters } of selections) {
    for await (const batch of await runQuery({ ...base, sql: countsSql(table, sql), parameters })) {
      for (const [uid, timed, untimed] of batch) {
        withoutTime += Number(untimed);
        if (Number(timed) === 0) continue;
        present.add(table === 'flows' ? 'flows' : (CLASS_NAMES.get(Number(uid)) ?? ''));
      }
    }
  }
  return { present, withoutTime };
}

const countsSql = (table: RowTable, sql: string): string =>
  `SELECT ${table === 'flows' ? '0' : 'class_uid'}, count(time), count(*) - count(time)
   FROM (${sql}) AS chosen GROUP BY 1`;
