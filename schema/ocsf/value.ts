/**
 * Where the value of an OCSF attribute comes from, as data: the rendering of records and the SQL of the views are two
 * readings of the same expressions.
 */

export type Value =
  /** A column as it is, converted to the attribute's type: instants to milliseconds, JSON text to its value. */
  | { readonly column: string }
  /** A column's value looked up. One that is not listed gives `other`, or itself where `other` is 'same'. */
  | {
      readonly map: string;
      readonly to: Readonly<Record<string, string | number>>;
      readonly other: string | number | null | 'same';
      /** Letter case of the column does not count; the keys are in lower case. */
      readonly folded?: true;
      /** For a column that is empty. */
      readonly empty?: string | number;
    }
  | { readonly constant: string | number }
  /** A member of `ocsf_extra`, by its path. */
  | { readonly fact: string }
  /** A list of texts in `ocsf_extra`. */
  | { readonly factList: string }
  /** A top-level member of a JSON column, if it is text or a number. */
  | { readonly member: readonly [column: string, name: string] }
  /** The first group of a pattern in a column; RE2 and JavaScript read it alike. */
  | { readonly match: string; readonly pattern: string }
  /** The first of these that is there. */
  | { readonly first: readonly Value[] }
  | { readonly when: Condition; readonly value: Value };

export type Condition =
  | { readonly column: string; readonly in: readonly string[] }
  /** What kind of thing the target is, by `target-kinds.csv`. */
  | { readonly kind: readonly string[] }
  | { readonly present: string }
  | { readonly noFact: string }
  | { readonly not: Condition }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

/** One attribute of a class and its value. */
export interface Rule {
  /** Path in the class: `actor.user.name`. */
  readonly path: string;
  readonly value: Value;
  /** Stands beside other values and is never the reason for an object to be there. */
  readonly filler?: true;
}

export const rule = (path: string, value: Value): Rule => ({ path, value });
export const filler = (path: string, value: Value): Rule => ({ path, value, filler: true });
export const column = (name: string): Value => ({ column: name });
export const fact = (path: string): Value => ({ fact: path });
export const constant = (value: string | number): Value => ({ constant: value });
export const first = (...values: readonly Value[]): Value => ({ first: values });
export const when = (condition: Condition, value: Value): Value => ({ when: condition, value });
export const not = (condition: Condition): Condition => ({ not: condition });
export const all = (...conditions: readonly Condition[]): Condition => ({ all: conditions });

/** A column an expression may give. */
export interface Saying {
  readonly column: string;
  /** Whether the expression is that column whenever there is a value; otherwise only a value that is the same says it. */
  readonly alone: boolean;
}

export function columnsSaidBy(value: Value): readonly Saying[] {
  if ('column' in value) return [{ column: value.column, alone: true }];
  if ('map' in value) return value.other === null ? [] : [{ column: value.map, alone: true }];
  if ('when' in value) return columnsSaidBy(value.value);
  if ('first' in value)
    return value.first.flatMap(columnsSaidBy).map((saying) => ({ ...saying, alone: false }));
  return [];
}

/** Paths of `ocsf_extra` an expression reads. */
export function factsOf(value: Value): readonly string[] {
  if ('fact' in value) return [value.fact];
  if ('factList' in value) return [`${value.factList}[]`];
  if ('first' in value) return value.first.flatMap(factsOf);
  if ('when' in value) return factsOf(value.value);
  return [];
}
