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

export interface Choice {
  readonly engine: 'duckdb' | 'athena';
  /** What Athena would ask for it. */
  readonly athenaDollars: number;
  /** Why, in a sentence. */
  readonly why: string;
}

/**
 * `athenaKnows`: whether it has every view that is named. Copies of events are told apart by Athena from all rows of their days,
 * so its price is at least what is said here.
 */
export function chooseEngine(
  { bytes, fetchBytes, seconds }: Pick<QueryPlan, 'bytes' | 'fetchBytes' | 'seconds'>,
  athenaKnows: boolean,
  most: OneFunction = LAMBDA,
): Choice {
  const athenaDollars = Math.max(bytes, LEAST_BYTES) * DOLLARS_PER_BYTE;
  const read = Math.max(bytes, fetchBytes);
  const here = (why: string): Choice => ({ engine: 'duckdb', athenaDollars, why });
  const size = `${(read / 1e9).toFixed(1)} GB in about ${Math.ceil(seconds)} s`;
  if (read <= most.bytes && seconds <= most.seconds)
    return here(`it reads ${size}, which one function can do`);
  if (!athenaKnows) return here(`it reads ${size}, and names a view that Athena does not have`);
  return { engine: 'athena', athenaDollars, why: `it reads ${size}, which is more than one function can do` };
}
