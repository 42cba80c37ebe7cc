/** A row of a table of flow logs, its fields as members: Parquet files, and stores that were filled from flow logs. */

import { newFlow } from '../../schema/columns.ts';
import type { Normalised, ProblemCode } from '../contract.ts';
import { type Layout, layoutOf } from './aws-flow-layout.ts';

/** Values of fields without a column, in the order of the row. */
type Extra = [name: string, value: string][];

/** The fields under names with underscores, absent ones null. */
export function flowOfRow(row: Readonly<Record<string, unknown>>, known: Layout | undefined): Normalised {
  const keys = Object.keys(row);
  const { names, readers } = known ?? layoutOf(keys);
  if (!readers.some((reader) => typeof reader === 'function')) {
    return unreadable('missing_field', '/srcaddr', 'none of its members is a field of a flow log');
  }
  const flow = newFlow();
  const extra: Extra = [];
  for (let field = 0; field < keys.length; field++) {
    const reader = readers[field];
    const value = row[keys[field]!];
    if (reader === undefined || value === null || value === undefined || value === '-' || value === '')
      continue;
    const written = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (reader === null) extra.push([names[field]!, written]);
    else if (!reader(flow, written, 0, written.length)) return wrongValue(names[field]!, written);
  }
  if (extra.length > 0) flow.extra = extraText(extra);
  return { kind: 'flow', flow };
}

/** Counts are numbers, as in Parquet files; every other field is text. */
export const extraText = (extra: Extra): string =>
  JSON.stringify(
    Object.fromEntries(
      extra.map(([name, value]) => [
        name,
        name.startsWith('packets-') && /^\d{1,15}$/.test(value) ? Number(value) : value,
      ]),
    ),
  );

export function wrongValue(name: string, value: string): Normalised {
  return unreadable(
    'invalid_field',
    `/${name}`,
    `${JSON.stringify(value.slice(0, 100))} is no value of ${name}`,
  );
}

export function unreadable(code: ProblemCode, path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
