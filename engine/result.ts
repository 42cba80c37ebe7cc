/** What an answer is made of, once it has left the sandbox. */

/**
 * A value without loss: integers beyond ±2^53 and decimals as decimal text, instants as ISO 8601 with microseconds (`Z`
 * where the column is TIMESTAMP WITH TIME ZONE), blobs as lower-case hex, not-a-number and infinities as text, lists as
 * arrays, structs as objects, maps as arrays of `{key, value}`.
 */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [name: string]: Cell };

export interface ResultColumn {
  /** Unique in its answer: a second `a` is called `a:1`. */
  readonly name: string;
  /** DuckDB's name of the type, e.g. `TIMESTAMP WITH TIME ZONE`. */
  readonly type: string;
}

/** A few thousand rows at most, each with one cell per column. */
export type Batch = readonly (readonly Cell[])[];

/** Whether cells of a type are numbers, also when written as text to keep their digits. */
export const isNumeric = (type: string): boolean =>
  /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BIGNUM|DECIMAL\(\d+,\d+\))$/.test(type);
