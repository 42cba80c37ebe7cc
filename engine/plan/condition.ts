/** What must hold of a row for a statement to look at it: the part of its conditions that bounds can be held against. */

export type Constant = string | number | boolean;

/**
 * Text is compared by its UTF-8 bytes, times are microseconds since 1970. `any` is what nothing is known of. No
 * condition but `null` holds of a value that is null.
 */
export type Condition =
  | { readonly kind: 'any' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly than: '=' | '<' | '<=' | '>' | '>=';
      readonly value: Constant;
    }
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly Constant[] }
  | { readonly kind: 'null'; readonly column: string; readonly is: boolean };

export const ANY: Condition = { kind: 'any' };

/** All of them; what is not known narrows nothing. */
export function allOf(conditions: readonly Condition[]): Condition {
  const known = conditions
    .flatMap((condition) => (condition.kind === 'and' ? condition.of : [condition]))
    .filter(({ kind }) => kind !== 'any');
  return known.length === 0 ? ANY : known.length === 1 ? known[0]! : { kind: 'and', of: known };
}

/** One of them; where anything is not known, nothing is. */
export function oneOf(conditions: readonly Condition[]): Condition {
  if (conditions.some(({ kind }) => kind === 'any')) return ANY;
  return conditions.length === 1 ? conditions[0]! : { kind: 'or', of: conditions };
}

/** What is left of it when nothing is known of some columns. */
export function without(condition: Condition, columns: ReadonlySet<string>): Condition {
  switch (condition.kind) {
    case 'any':
      return condition;
    case 'and':
      return allOf(condition.of.map((part) => without(part, columns)));
    case 'or':
      return oneOf(condition.of.map((part) => without(part, columns)));
    default:
      return columns.has(condition.column) ? ANY : condition;
  }
}

/** A condition as people read it: `time >= 2026-01-01T00:00:00.000Z and src_ip = '192.0.2.1'`. */
export function conditionText(condition: Condition, isTime: (column: string) => boolean): string {
  const text = (column: string, value: Constant): string => {
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
    if (typeof value !== 'number' || !isTime(column)) return String(value);
    const date = new Date(Math.floor(value / 1000));
    return Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
  };
  switch (condition.kind) {
    case 'any':
      return '';
    case 'and':
    case 'or': {
      const parts = condition.of.map((part) => {
        const inner = conditionText(part, isTime);
        return part.kind === 'and' || part.kind === 'or' ? `(${inner})` : inner;
      });
      return parts.join(` ${condition.kind} `);
    }
    case 'compare':
      return `${condition.column} ${condition.than} ${text(condition.column, condition.value)}`;
    case 'in': {
      const shown = condition.values.slice(0, 5).map((value) => text(condition.column, value));
      if (condition.values.length > shown.length) shown.push(`… ${condition.values.length} values`);
      return `${condition.column} in (${shown.join(', ')})`;
    }
    case 'null':
      return `${condition.column} is ${condition.is ? '' : 'not '}null`;
    default:
      return condition satisfies never;
  }
}
