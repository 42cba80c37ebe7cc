/** Which engine a question goes to, by what its plan would read. */

import type { QueryPlan } from '../explain.ts';

/** What one function can do: read in the time it has, and hold on its disk. */
export interface OneFunction {
  readonly seconds: number;
  readonly bytes: number;
}

/** A Lambda function of 10 GB that may run for fifteen minutes, with room for a statement that is slower than told. */
export const LAMBDA: OneFunction = { seconds: 300, bytes: 8e9 };

/** Athena's price of a TB that is scanned, in US dollars, and its smallest bill: https://aws.amazon.com/athena/pricing/ */
const DOLLARS_PER_BYTE = 5 / 1e12;
const LEAST_BYTES = 10e6;

/** What Athena asks for having scanned so much. */
export const athenaDollars = (scannedBytes: number): number =>
  Math.max(scannedBytes, LEAST_BYTES) * DOLLARS_PER_BYTE;

/** Which engine is asked for: `auto` leaves it to the plan. */
export const ENGINES = ['auto', 'duckdb', 'athena'] as const;
export type EngineAsked = (typeof ENGINES)[number];

export interface Choice {
  readonly engine: 'duckdb' | 'athena';
  /** What Athena would ask for it. */
  readonly athenaDollars: number;
  /** Why, in a sentence. */
  readonly why: string;
}

/**
 * `hindrance`: why Athena cannot be asked, where it cannot. Copies of events are told apart by Athena from all rows of their days,
 * so its price is at least what is said here.
 */
export function chooseEngine(
  { bytes, fetchBytes, seconds }: Pick<QueryPlan, 'bytes' | 'fetchBytes' | 'seconds'>,
  hindrance: string | null,
  most: OneFunction = LAMBDA,
  asked: EngineAsked = 'auto',
): Choice {
  const choice = (engine: Choice['engine'], why: string): Choice => ({
    engine,
    athenaDollars: athenaDollars(bytes),
    why,
  });
  if (asked !== 'auto') return choice(asked, 'it was asked for');
  const read = Math.max(bytes, fetchBytes);
  const size = `${(read / 1e9).toFixed(1)} GB in about ${Math.ceil(seconds)} s`;
  if (read <= most.bytes && seconds <= most.seconds)
    return choice('duckdb', `it reads ${size}, which one function can do`);
  if (hindrance !== null) return choice('duckdb', `it reads ${size}, and ${hindrance}`);
  return choice('athena', `it reads ${size}, which is more than one function can do`);
}
