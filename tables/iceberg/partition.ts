/**
 * How data files are grouped: by the UTC day of `time`, which engines derive from a query's times by themselves.
 * https://iceberg.apache.org/spec/#partitioning
 */

import type { TableName } from '../../schema/columns.ts';
import type { ColumnFacts } from './data-file.ts';
import { fieldIdOf } from './field-ids.ts';
import { DAILY_TABLES } from './schema.ts';

export interface PartitionField {
  readonly 'source-id': number;
  readonly 'field-id': number;
  readonly name: string;
  readonly transform: 'day';
}

export interface PartitionSpec {
  readonly 'spec-id': number;
  readonly fields: readonly PartitionField[];
}

/** Iceberg numbers partition fields from here on. */
const DAY_FIELD = 1000;
const DAY_MICROS = 86_400e6;

/** For rows that no one day holds: their files are read whatever the day that is asked about. */
export const WHOLE: PartitionSpec = { 'spec-id': 0, fields: [] };

const WHOLE_BESIDE_DAYS: PartitionSpec = { 'spec-id': 1, fields: [] };

/** The specs of a table, the default one first. */
export function partitionSpecs(table: TableName): readonly PartitionSpec[] {
  if (!DAILY_TABLES.has(table)) return [WHOLE];
  const day: PartitionField = {
    'source-id': fieldIdOf(table)('time')!,
    'field-id': DAY_FIELD,
    name: 'time_day',
    transform: 'day',
  };
  return [{ 'spec-id': 0, fields: [day] }, WHOLE_BESIDE_DAYS];
}

/** The highest number of a partition field that was ever given. */
export const lastPartitionId = (table: TableName): number => DAY_FIELD - (DAILY_TABLES.has(table) ? 0 : 1);

export interface Partition {
  readonly specId: number;
  /** Days since 1970-01-01; null for undated rows, absent where the spec has no field. */
  readonly day?: number | null;
}

/**
 * Where a data file belongs, by what is known of its times: never by its name, because a file in the wrong day would be
 * passed over by queries that should see it.
 */
export function partitionOf(table: TableName, rows: number, time: ColumnFacts | undefined): Partition {
  if (!DAILY_TABLES.has(table)) return { specId: WHOLE['spec-id'] };
  if (time === undefined || time.nulls === rows) return { specId: 0, day: null };
  const [first, last] = [dayOf(time.min), dayOf(time.max)];
  const oneDay = time.nulls === 0 && first !== null && first === last;
  return oneDay ? { specId: 0, day: first } : { specId: WHOLE_BESIDE_DAYS['spec-id'] };
}

const dayOf = (micros: ColumnFacts['min']): number | null =>
  typeof micros === 'number' || typeof micros === 'bigint' ? Math.floor(Number(micros) / DAY_MICROS) : null;
