/** Sets of rows as numbers that do not depend on their order. */

import { hash, randomBytes } from 'node:crypto';
import { TABLES } from '../../schema/columns.ts';

/** The tables that are made from evidence alone. */
export const DERIVED = ['events', 'flows', 'quarantine'] as const;
export type DerivedTable = (typeof DERIVED)[number];

/** Rows as numbers, in this process alone: two sets are the same when these are. */
export interface RowSet {
  rows: number;
  low: number;
  high: number;
}

export interface RowSets extends Record<DerivedTable, RowSet> {
  /** Whether reading the body was stopped by the bounds on expansion, which whoever collects may set. */
  bounded: boolean;
}

export const emptySet = (): RowSet => ({ rows: 0, low: 0, high: 0 });

export const emptySets = (): RowSets => ({
  events: emptySet(),
  flows: emptySet(),
  quarantine: emptySet(),
  bounded: false,
});

const MODULUS = 2 ** 48;
/**
 * New in each process: sums of hashes can be made to agree by whoever chooses many rows and knows the hashes, and nobody
 * knows these.
 */
const SECRET = randomBytes(32).toString('hex');

export function addRow(sets: RowSets, table: DerivedTable, row: Readonly<Record<string, unknown>>): void {
  const cells = TABLES[table].map(({ name }) => {
    // No body says it: it is judged over all copies of an event, and checked with them.
    const value = name === 'conflict' ? null : row[name];
    return value === undefined ? null : wellFormed(value);
  });
  putIn(sets[table], cells);
  if (table === 'quarantine' && row['code'] === 'expansion_limit') sets.bounded = true;
}

/** Adds a row of these cells. */
export function putIn(set: RowSet, cells: readonly unknown[]): void {
  const digest = hash('sha256', SECRET + JSON.stringify(cells), 'hex');
  set.rows++;
  set.low = (set.low + Number.parseInt(digest.slice(0, 12), 16)) % MODULUS;
  set.high = (set.high + Number.parseInt(digest.slice(12, 24), 16)) % MODULUS;
}

/** Stored text has U+FFFD where a string has half a surrogate pair. */
const wellFormed = (value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed() : Array.isArray(value) ? value.map(wellFormed) : value;

export const sameSet = (a: RowSet, b: RowSet): boolean =>
  a.rows === b.rows && a.low === b.low && a.high === b.high;

export const sameRows = (a: RowSets, b: RowSets, table: DerivedTable): boolean => sameSet(a[table], b[table]);
