/**
 * What a class asks and no column says, but the record does: the role that was granted, to whom, in which group. The
 * table `facts.csv` says where each source has it.
 *
 * A case is a way in which a source says such things; of a class's cases the first that makes the class valid counts. An
 * attribute with one value takes the first path that has just one: two users at one path are not one user.
 */

import { readFileSync } from 'node:fs';
import { readTable } from '../actions/csv.ts';
import { withCopies } from '../copies.ts';
import { type Context, memberOf } from './read.ts';

type Step = { readonly name: string } | { readonly filter: readonly [key: string, value: string] | null };

interface FactRule {
  readonly attribute: string;
  /** A JSON column: request, response or raw. */
  readonly column: string;
  readonly steps: readonly Step[];
}

export interface FactCase {
  /** The activity this case is, where it tells better than the operation's name; null otherwise. */
  readonly activity: string | null;
  readonly rules: readonly FactRule[];
}

const COLUMNS = ['source', 'class', 'case', 'activity', 'attribute', 'path'] as const;
const text = readFileSync(new URL('facts.csv', import.meta.url), 'utf8');

/** `request.a[kind=User].b` and `request.a[].b`; a name cannot hold dots or brackets, a filter's value can. */
function parsePath(path: string): { column: string; steps: readonly Step[] } {
  const steps = [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, filter, name]): Step => {
    if (name !== undefined) return { name };
    const equals = filter!.indexOf('=');
    return { filter: equals === -1 ? null : [filter!.slice(0, equals), filter!.slice(equals + 1)] };
  });
  const [column, ...rest] = steps;
  return { column: (column as { name: string }).name, steps: rest };
}

function readCases(): ReadonlyMap<string, ReadonlyMap<string, readonly FactCase[]>> {
  type Case = { readonly activity: string | null; readonly rules: FactRule[] };
  type Cases = Map<string, Case>;
  const classes = new Map<string, Map<string, Cases>>();
  const inner = <V>(map: Map<string, V>, key: string, make: () => V): V => {
    const value = map.get(key) ?? make();
    map.set(key, value);
    return value;
  };
  for (const row of readTable(text, COLUMNS, 'schema/ocsf/facts.csv')) {
    const sources = inner(classes, row.class, () => new Map<string, Cases>());
    const cases = inner(sources, row.source, () => new Map<string, Case>());
    const one = inner(cases, row.case, (): Case => ({ activity: row.activity || null, rules: [] }));
    one.rules.push({ attribute: row.attribute, ...parsePath(row.path) });
  }
  return new Map(
    [...classes].map(([name, sources]) => [
      name,
      new Map(withCopies([...sources].map(([source, cases]) => [source, [...cases.values()]] as const))),
    ]),
  );
}

const CASES = readCases();

/** The cases of a class by source; null for a class whose facts are all in columns. */
export const factCases = (className: string): ReadonlyMap<string, readonly FactCase[]> | null =>
  CASES.get(className) ?? null;

/** More values than any record needs; a longer list is cut. */
const MOST_VALUES = 100;

/** The facts one case finds in a row, nested as `ocsf_extra` wants them; null when it finds none. */
export function factsOfCase({ rules }: FactCase, context: Context): Record<string, unknown> | null {
  const facts: Record<string, unknown> = {};
  let found = false;
  for (const { attribute, column, steps } of rules) {
    const values = valuesAt(context.json(column), steps);
    if (values.length === 0) continue;
    if (attribute === 'privileges') {
      const list = (facts['privileges'] ?? []) as string[];
      facts['privileges'] = [...new Set([...list, ...values])];
    } else if (values.length === 1) setOnce(facts, attribute.split('.'), values[0]!);
    else continue;
    found = true;
  }
  return found ? facts : null;
}

function setOnce(facts: Record<string, unknown>, [name, ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    facts[name!] ??= value;
    return;
  }
  facts[name!] ??= {};
  setOnce(facts[name!] as Record<string, unknown>, rest, value);
}

function valuesAt(root: unknown, steps: readonly Step[]): string[] {
  let values: unknown[] = [root];
  for (const step of steps) {
    values = values.flatMap((value) =>
      'name' in step ? [memberOf(value, step.name)] : matching(value, step.filter),
    );
    if (values.length > MOST_VALUES) values.length = MOST_VALUES;
  }
  return [...new Set(values.map(plainText).filter((value) => value !== null))];
}

/** Elements of a list, or the object itself, that have the wanted member. */
function matching(value: unknown, filter: readonly [string, string] | null): unknown[] {
  const list = Array.isArray(value) ? value.slice(0, MOST_VALUES) : value === undefined ? [] : [value];
  return filter === null ? list : list.filter((one) => memberOf(one, filter[0]) === filter[1]);
}

/** Entra writes texts as JSON inside a text: `"\"Global Administrator\""`. Empty text says nothing. */
function plainText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const quoted = /^"(.*)"$/s.exec(value);
  const text = quoted === null ? value : quoted[1]!.replaceAll('\\"', '"');
  return text === '' || text === 'null' ? null : text;
}
