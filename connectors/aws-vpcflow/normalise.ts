import { newFlow } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, ProblemCode, SourceRecord } from '../contract.ts';
import { isObject } from '../parts/value.ts';
import { defaultLayout, type Layout, layoutOf, V2 } from './layout.ts';

/** A line, with the layout its header gave as context; or a Parquet row as an object. */
export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  if (isObject(record.value)) return readRow(record.value, record.context as Layout | undefined);
  const line = record.raw;
  const layout = record.context as Layout | null | undefined;
  if (layout !== null && layout !== undefined) {
    const outcome = readLine(line, layout);
    if (outcome.kind === 'flow') return outcome;
    // Files put together from several lose headers: a line that does not fit may still be of the default format.
    const other = defaultLayout(line);
    return other === null ? outcome : readLine(line, other);
  }
  const shape = defaultLayout(line);
  if (shape !== null) return readLine(line, shape);
  const fields = countFields(line);
  return unreadable(
    'missing_field',
    '',
    `no header line says what the ${fields} fields are, and they are not the ${V2.names.length} of the default format`,
  );
}

/** Values of fields without a column, in the order of the line; reused from call to call. */
const extraNames: string[] = [];
const extraValues: string[] = [];

function readLine(line: string, { names, readers }: Layout): Normalised {
  const flow = newFlow();
  const { length } = line;
  extraNames.length = 0;
  let field = 0;
  let at = 0;
  while (at < length) {
    const code = line.charCodeAt(at);
    if (code === 0x20 || code === 0x09) {
      at++;
      continue;
    }
    const start = at;
    let end = line.indexOf(' ', at);
    if (end < 0) end = length;
    at = end + 1;
    if (field >= names.length) return wrongCount(line, names);
    const reader = readers[field];
    if (reader !== undefined && !(end - start === 1 && line.charCodeAt(start) === 0x2d)) {
      if (reader === null) addExtra(names[field]!, line.substring(start, end));
      else if (!reader(flow, line, start, end)) return wrongValue(names[field]!, line.substring(start, end));
    }
    field++;
  }
  if (field !== names.length) return wrongCount(line, names);
  if (extraNames.length > 0) flow.extra = extraText();
  return { kind: 'flow', flow };
}

/** A row of a Parquet file: the same fields under names with underscores, absent ones null. */
function readRow(row: Readonly<Record<string, unknown>>, known: Layout | undefined): Normalised {
  const keys = Object.keys(row);
  const { names, readers } = known ?? layoutOf(keys);
  if (!readers.some((reader) => typeof reader === 'function')) {
    return unreadable('missing_field', '/srcaddr', 'none of its members is a field of a flow log');
  }
  const flow = newFlow();
  extraNames.length = 0;
  for (let field = 0; field < keys.length; field++) {
    const reader = readers[field];
    const value = row[keys[field]!];
    if (reader === undefined || value === null || value === undefined || value === '-' || value === '')
      continue;
    const written = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (reader === null) addExtra(names[field]!, written);
    else if (!reader(flow, written, 0, written.length)) return wrongValue(names[field]!, written);
  }
  if (extraNames.length > 0) flow.extra = extraText();
  return { kind: 'flow', flow };
}

function addExtra(name: string, value: string): void {
  extraValues[extraNames.length] = value;
  extraNames.push(name);
}

/** Counts are numbers, as in Parquet files; every other field is text. */
function extraText(): string {
  return JSON.stringify(
    Object.fromEntries(
      extraNames.map((name, index) => {
        const value = extraValues[index]!;
        return [name, name.startsWith('packets-') && /^\d{1,15}$/.test(value) ? Number(value) : value];
      }),
    ),
  );
}

function wrongCount(line: string, names: Layout['names']): Normalised {
  const fields = countFields(line);
  const missing = names.slice(fields);
  const problem =
    missing.length > 0
      ? `the line has ${fields} of the ${names.length} fields its header names; without ${missing.join(', ').slice(0, 200)}`
      : `the line has ${fields} fields, its header names ${names.length}`;
  return unreadable('missing_field', missing.length > 0 ? `/${missing[0]}` : '', problem);
}

/** Without cutting the line up, which may be very long. */
function countFields(line: string): number {
  let count = 0;
  let inside = false;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    const blank = code === 0x20 || code === 0x09;
    if (!blank && !inside) count++;
    inside = !blank;
  }
  return count;
}

function wrongValue(name: string, value: string): Normalised {
  return unreadable(
    'invalid_field',
    `/${name}`,
    `${JSON.stringify(value.slice(0, 100))} is no value of ${name}`,
  );
}

function unreadable(code: ProblemCode, path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
