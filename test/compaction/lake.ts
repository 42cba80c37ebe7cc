/** Lakes in memory with days that are worth compacting. */

import { flowFile, trailFile } from '../../bench/generate.ts';
import { type CompactOptions, type CompactResult, compact } from '../../compaction/compact.ts';
import type { TableName } from '../../schema/columns.ts';
import { readHead } from '../../tables/head.ts';
import { readTable, type TableMetadata } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Workshop } from '../stages/memory-lake.ts';

export const NOON = 1_700_000_000;
/** Long after everything that the tests collect. */
export const LATER = 1_750_000_000_000_000;

export const trail = (shop: Workshop, seed: number, count = 3, at = NOON): string =>
  shop.file(`trail-${seed}.json`, trailFile(seed, count, at));

export const flows = (shop: Workshop, seed: number, count = 3, at = NOON): string =>
  shop.file(`flows-${seed}.log`, flowFile(seed, count, at));

type Record = { [name: string]: unknown };

/** The same events as `trail` in another shape; `edit` may make them disagree. */
export function copyOfTrail(
  shop: Workshop,
  seed: number,
  count = 3,
  edit: (record: Record) => void = () => {},
): string {
  const { Records } = JSON.parse(trailFile(seed, count, NOON)) as { Records: Record[] };
  for (const record of Records) edit(record);
  return shop.file(
    `copy-${seed}-${edit.name}.ndjson`,
    Records.map((record) => JSON.stringify(record)).join('\n'),
  );
}

export async function tableOf({ vault, state }: Stores, table: TableName): Promise<TableMetadata> {
  return readTable(vault, (await readHead(state)).head, table);
}

/** Compacts in this process. */
export const compacted = (
  shop: Workshop,
  stores: Stores,
  options: CompactOptions = {},
): Promise<CompactResult> => compact(shop.lakeOf(stores), { now: LATER, here: true, ...options });
