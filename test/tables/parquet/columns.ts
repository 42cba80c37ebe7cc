/** A small table with one column of each type and each way of keeping text, and random rows for it. */

import fc from 'fast-check';
import type { Column, ColumnType } from '../../../schema/columns.ts';
import type { Cell, PlainRow } from './readers.ts';

const column = (name: string, type: ColumnType): Column => ({ name, type, ocsf: null, meaning: name });

export const COLUMNS: readonly Column[] = [
  column('time', 'time'),
  column('label', 'string'),
  column('uid', 'string'),
  column('port', 'int'),
  column('bytes', 'long'),
  column('mfa', 'bool'),
  column('targets', 'strings'),
  column('request', 'json'),
  column('raw', 'string'),
];

/** The year 2049, and as far back: what both readers give exactly. */
const MAX_MICROS = 2_500_000_000_000_000;

export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom('', 'a', 'b', '\0', 'x\0y', '\ud800', 'é'.repeat(100), 'long '.repeat(5_000)),
);

const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });

export const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  time: nullable(fc.integer({ min: -MAX_MICROS, max: MAX_MICROS })),
  label: nullable(anyText),
  uid: nullable(anyText),
  port: nullable(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  bytes: nullable(fc.maxSafeInteger()),
  mfa: nullable(fc.boolean()),
  targets: nullable(fc.array(anyText, { maxLength: 5 })),
  request: nullable(anyText),
  raw: nullable(anyText),
});

function wellFormed(cell: Cell): Cell {
  if (typeof cell === 'string') return cell.toWellFormed();
  if (Array.isArray(cell)) return cell.map((item: string) => item.toWellFormed());
  return cell;
}

/** What readers should give back: lone surrogates are U+FFFD. */
export const asRead = (rows: readonly PlainRow[]): PlainRow[] =>
  rows.map((row) => Object.fromEntries(COLUMNS.map(({ name }) => [name, wellFormed(row[name] ?? null)])));
