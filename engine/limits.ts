/** How much a query may take. */

import { availableParallelism, totalmem } from 'node:os';
import { AkashiError } from '../schema/error.ts';

export interface QueryLimits {
  /** Wall clock from the job's start, not counting time the reader of the answer takes. */
  readonly timeoutMillis: number;
  /** What the query's process may hold in memory altogether. */
  readonly memoryBytes: number;
  readonly maxRows: number;
  /** Of the answer as JSON; of the file for Parquet. */
  readonly maxBytes: number;
  readonly threads: number;
}

const MiB = 2 ** 20;
/** Node with DuckDB loaded and idle holds about 95 MiB. */
const PROCESS_BYTES = 128 * MiB;
const LEAST_MEMORY = 192 * MiB;

export const DEFAULT_LIMITS: QueryLimits = {
  timeoutMillis: 300_000,
  memoryBytes: Math.max(LEAST_MEMORY, Math.min(4096 * MiB, Math.floor(totalmem() / 2))),
  maxRows: 1_000_000,
  maxBytes: 256 * MiB,
  threads: availableParallelism(),
};

/** Fills in defaults. Throws AkashiError QUERY_LIMIT for a number that cannot be a limit. */
export function withDefaults(limits: Partial<QueryLimits> = {}): QueryLimits {
  const full = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(full)) {
    const least = name === 'memoryBytes' ? LEAST_MEMORY : 1;
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new AkashiError('QUERY_LIMIT', `${name} is ${value}; it must be a whole number, at least ${least}`);
  }
  return full;
}

/** DuckDB's own limit: below the process's, so that a clean error comes before a kill. */
export const engineMemory = ({ memoryBytes }: QueryLimits): number =>
  Math.floor((memoryBytes - PROCESS_BYTES) * 0.85);
