/** Whether rows of which only bounds are known may satisfy a condition. */

import type { Condition, Constant } from './condition.ts';

/** What is known of a column over some rows. */
export interface ColumnBounds {
  /** No value is less, none greater; null where that is not known or there is no value. */
  readonly min: Constant | Uint8Array | null;
  readonly max: Constant | Uint8Array | null;
  /** Rows with and without a value; null where they were not counted. */
  readonly values: number | null;
  readonly nulls: number | null;
}

export interface RowsKnown {
  /** Undefined for a column of which nothing is known. */
  readonly bounds: (column: string) => ColumnBounds | undefined;
  /** False when a column surely holds none of these texts, as bloom filters tell. */
  readonly mayHold?: (column: string, values: readonly string[]) => boolean;
}

/** True unless it is certain that no row satisfies it. */
export function mayMatch(condition: Condition, rows: RowsKnown): boolean {
  switch (condition.kind) {
    case 'any':
      return true;
    case 'and':
      return condition.of.every((part) => mayMatch(part, rows));
    case 'or':
      return condition.of.some((part) => mayMatch(part, rows));
    case 'null': {
      const { values = null, nulls = null } = rows.bounds(condition.column) ?? {};
      if (nulls === null || values === null) return true;
      return condition.is ? nulls > 0 : nulls < values;
    }
    case 'in':
      return (
        condition.values.some((value) => mayCompare(rows, condition.column, '=', value)) &&
        held(rows, condition.column, condition.values)
      );
    case 'compare':
      return (
        mayCompare(rows, condition.column, condition.than, condition.value) &&
        (condition.than !== '=' || held(rows, condition.column, [condition.value]))
      );
    default:
      return condition satisfies never;
  }
}

function held({ mayHold }: RowsKnown, column: string, values: readonly Constant[]): boolean {
  if (mayHold === undefined) return true;
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length < values.length || mayHold(column, texts);
}

function mayCompare(
  rows: RowsKnown,
  column: string,
  than: Extract<Condition, { kind: 'compare' }>['than'],
  value: Constant,
): boolean {
  const known = rows.bounds(column);
  if (known === undefined) return true;
  const { min, max, values, nulls } = known;
  if (values !== null && values === nulls) return false;
  const low = min === null ? null : compare(min, value);
  const high = max === null ? null : compare(max, value);
  switch (than) {
    case '=':
      return !(low !== null && low > 0) && !(high !== null && high < 0);
    case '<':
      return !(low !== null && low >= 0);
    case '<=':
      return !(low !== null && low > 0);
    case '>':
      return !(high !== null && high <= 0);
    case '>=':
      return !(high !== null && high < 0);
    default:
      return than satisfies never;
  }
}

/** The sign of `bound` − `value`; null where the two are of different kinds. */
function compare(bound: Constant | Uint8Array, value: Constant): number | null {
  if (typeof value === 'string') {
    if (typeof bound !== 'string' && !(bound instanceof Uint8Array)) return null;
    return Buffer.compare(typeof bound === 'string' ? Buffer.from(bound) : bound, Buffer.from(value));
  }
  if (typeof bound !== typeof value) return null;
  return Number(bound) - Number(value);
}
