/** A statement with its parameters' values in their places: for planning only, the statement that runs has them bound. */

import type { Admitted } from '../gate.ts';
import type { Job, WireParameter } from '../sandbox/protocol.ts';
import { quoteText } from '../sql-text.ts';

const LONGEST_NAME_BYTES = 200;

/** Null where a place or a value cannot be written: then nothing is known of what the statement looks at. */
export function withLiterals({ sql, places }: Admitted, parameters: Job['parameters']): string | null {
  let bytes = Buffer.from(sql);
  for (const { at, name } of [...places].sort((a, b) => b.at - a.at)) {
    const written = /^(?:\?\d*|\$\w+)/.exec(bytes.toString('utf8', at, at + LONGEST_NAME_BYTES))?.[0];
    const value = Array.isArray(parameters)
      ? parameters[Number(name) - 1]
      : (parameters as Readonly<Record<string, WireParameter>>)[name];
    const literal = value === undefined ? null : literalOf(value);
    if (written === undefined || literal === null) return null;
    const after = bytes.subarray(at + Buffer.byteLength(written));
    bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(`(${literal})`), after]);
  }
  return bytes.toString('utf8');
}

function literalOf(value: WireParameter): string | null {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `CAST(${value} AS DOUBLE)` : null;
  if ('integer' in value) return value.integer;
  if ('time' in value) return `make_timestamptz(${value.time})`;
  const items = value.map(literalOf);
  return items.includes(null) ? null : `[${items.join(', ')}]`;
}
