/** Values for the `?` and `$name` of a statement: data, never text of the statement. */

import { AkashiError } from '../schema/error.ts';
import type { WireParameter } from './sandbox/protocol.ts';

export type Parameter = null | boolean | number | bigint | string | Date | readonly Parameter[];
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

/**
 * Parameters as they go to the query's process. Throws AkashiError SQL_PARAMETER when the statement asks for others than
 * are given, by name.
 *
 * @param asked Names the statement uses; positional ones are `1`, `2`, …
 */
export function wireParameters(
  parameters: Parameters,
  asked: ReadonlySet<string>,
): readonly WireParameter[] | Readonly<Record<string, WireParameter>> {
  const given = new Set(
    isList(parameters) ? parameters.map((_, index) => String(index + 1)) : Object.keys(parameters),
  );
  const missing = [...asked].filter((name) => !given.has(name));
  const unknown = [...given].filter((name) => !asked.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    const parts = [
      missing.length > 0 ? `no value is given for ${missing.map((name) => `$${name}`).join(', ')}` : '',
      unknown.length > 0 ? `the statement has no ${unknown.map((name) => `$${name}`).join(', ')}` : '',
    ];
    throw new AkashiError('SQL_PARAMETER', parts.filter(Boolean).join('; '));
  }
  if (isList(parameters)) return parameters.map(wire);
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, wire(value)]));
}

function wire(value: Parameter): WireParameter {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (value instanceof Date) return { time: String(BigInt(value.getTime()) * 1000n) };
  if (value !== null && typeof value === 'object') return value.map(wire);
  return value;
}

const isList = (parameters: Parameters): parameters is readonly Parameter[] => Array.isArray(parameters);
