/** Rows as OCSF records in Parquet: one file per class, with the nested structure of the class's view. */

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SqlParser } from '../engine/gate.ts';
import { withDefaults } from '../engine/limits.ts';
import { runQuery } from '../engine/query.ts';
import { queryToParquet, writingSandboxes } from '../engine/query-parquet.ts';
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
  const files: OcsfParquetExport['files'][number][] = [];
  const classes: Record<string, number> = {};
  let records = 0;
  // One parser for all files, and the next file's process loads while one is written.
  const parser = new SqlParser();
  const shared = { ...base, parser };
  const sandboxes = writingSandboxes(withDefaults(base.limits), true);
  let withoutTime = 0;
  try {
    const found = await classesIn(shared, selections);
    withoutTime = found.withoutTime;
    for (const { view, className, tables } of OCSF_VIEWS) {
      const own = selections.filter(({ table }) => tables.includes(table));
      if (!own.some(({ table }) => found.present.has(table === 'flows' ? 'flows' : className))) continue;
      const from = Object.fromEntries(own.map(({ table, sql }) => [table, `(${sql})`]));
      const path = join(folder, `${view}.parquet`);
      const [{ parameters } = { parameters: [] }] = own;
      const request = { ...shared, sql: ocsfRelation(className, from), parameters };
      const { rowCount } = await queryToParquet(request, path, undefined, sandboxes);
      classes[className] = rowCount;
      records += rowCount;
      files.push({ path, records: rowCount, bytes: (await stat(path)).size });
      onProgress(records);
    }
  } finally {
    await Promise.all([sandboxes.close(), parser.close()]);
  }
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
