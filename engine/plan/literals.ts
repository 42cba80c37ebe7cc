/** A statement with its parameters' values in their places: for planning only, the statement that runs has them bound. */

import type { SqlParser } from '../gate.ts';
import type { Job, WireParameter } from '../sandbox/protocol.ts';
import { quoteText } from '../sql-text.ts';

/** Null where a value cannot be written: then nothing is known of what the statement looks at. */
export async function withLiterals(
  parser: SqlParser,
  sql: string,
  parameters: Job['parameters'],
): Promise<string | null> {
  const values: readonly (readonly [string, WireParameter])[] = Array.isArray(parameters)
    ? parameters.map((value, index) => [String(index + 1), value])
    : Object.entries(parameters);
  if (values.length === 0) return sql;
  const literals = new Map<string, string>();
  for (const [name, value] of values) {
    const literal = literalOf(value);
    if (literal === null) return null;
    literals.set(name, literal);
  }
  return parser.withExpressions(sql, literals);
}

function literalOf(value: WireParameter): string | null {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `CAST(${value} AS DOUBLE)` : null;
  if ('integer' in value) return `CAST('${value.integer}' AS HUGEINT)`;
  if ('time' in value) return `make_timestamptz(CAST('${value.time}' AS BIGINT))`;
  const items = value.map(literalOf);
  return items.includes(null) ? null : `[${items.join(', ')}]`;
}
