/** Small lakes of made-up rows, sealed in several batches, with row groups of a few rows. */

import { createHash } from 'node:crypto';
import { find, planFind } from '../../../engine/find/find.ts';
import { needleOf } from '../../../engine/find/needle.ts';
import { type AuditEvent, type Flow, newEvent, newFlow, TABLES } from '../../../schema/columns.ts';
import { encodeDataFile } from '../../../stages/data-file.ts';
import type { JobResult } from '../../../stages/job.ts';
import { openLedger } from '../../../stages/ledger.ts';
import { seal } from '../../../stages/seal.ts';
import { noFiles } from '../../../stages/store.ts';
import { identityPrint } from '../../../tables/identity-prints.ts';
import { NEEDLE_TABLES, type NeedleTable, needleColumns } from '../../../tables/needle/columns.ts';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import type { Stores } from '../../../vault/evidence.ts';
import type { Workshop } from '../../stages/memory-lake.ts';

export const DAY = 86_400e6;
export const START = 1_700_006_400e6; // 2023-11-15T00:00:00Z

export interface MadeRow {
  readonly table: NeedleTable;
  readonly row: AuditEvent | Flow;
}

let made = 0;

/** A row of a day (0, 1, …) with these cells; its uid is its own unless given. */
export function madeRow(table: NeedleTable, day: number, cells: Readonly<Record<string, unknown>>): MadeRow {
  const number = ++made;
  const base = table === 'events' ? newEvent() : newFlow();
  const own = {
    time: START + day * DAY + number * 1000,
    uid: `uid-${number}`,
    source: table === 'events' ? 'aws.cloudtrail' : 'aws.vpcflow',
    raw: `{"n":${number}}`,
    evidence: createHash('sha256').update(String(number)).digest('hex'),
    locator: `bytes=${number}-${number + 1}`,
  };
  return { table, row: { ...base, ...own, ...cells } as AuditEvent | Flow };
}

/** Seals rows as one batch. */
export async function sealRows(shop: Workshop, stores: Stores, rows: readonly MadeRow[]): Promise<void> {
  const files = noFiles();
  const needles: [string, NonNullable<ReturnType<typeof encodeDataFile>>['needles']][] = [];
  const batch = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  for (const table of NEEDLE_TABLES) {
    const ofTable = rows.filter((one) => one.table === table);
    for (const day of new Set(
      ofTable.map(({ row }) => new Date(row.time! / 1000).toISOString().slice(0, 10)),
    )) {
      const buffer = new RowBuffer(TABLES[table], { rowGroupRows: 4, needleColumns: needleColumns(table) });
      const own = ofTable.filter(({ row }) => new Date(row.time! / 1000).toISOString().startsWith(day));
      for (const { row } of own) buffer.add(row as unknown as Record<string, unknown>, null);
      const prints = own.map(({ row }) => identityPrint(row));
      const file = encodeDataFile({ table, day, batch, part: 0 }, buffer, prints)!;
      await stores.vault.putManyIfAbsent(file.vault);
      await stores.state.putManyIfAbsent(file.state);
      files[table].push(file.entry);
      needles.push([file.entry.key, file.needles]);
    }
  }
  const result: JobResult = {
    files,
    evidence: [],
    tally: [],
    needles: new Map(needles as [string, never][]),
  };
  await seal(stores, await openLedger(shop.lakeOf(stores)), [result], []);
}

export interface Answer {
  readonly rows: readonly (readonly unknown[])[];
  readonly problems: readonly string[];
  readonly unindexed: number;
}

/** uid and matched columns of every row found. */
export async function found(
  { vault, state }: Stores,
  value: string,
  more: Partial<Parameters<typeof planFind>[0]> = {},
): Promise<Answer> {
  const request = { vault, state, needle: needleOf(value), columns: ['uid', 'matched'], ...more };
  const plan = await planFind(request);
  const rows: (readonly unknown[])[] = [];
  for await (const batch of find(request, plan)) rows.push(...batch);
  return { rows, problems: plan.problems, unindexed: plan.unindexed };
}
