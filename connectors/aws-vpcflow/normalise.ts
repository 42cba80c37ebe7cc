import { newFlow } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { defaultLayout, type Layout, V2 } from '../parts/aws-flow-layout.ts';
import { extraText, flowOfRow, unreadable, wrongValue } from '../parts/aws-flow-row.ts';
import { isObject } from '../parts/value.ts';

/** A line, with the layout its header gave as context; or a Parquet row as an object. */
export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  if (isObject(record.value)) return flowOfRow(record.value, record.context as Layout | undefined);
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
const extra: [name: string, value: string][] = [];

function readLine(line: string, { names, readers }: Layout): Normalised {
  const flow = newFlow();
  const { length } = line;
  extra.length = 0;
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
      if (reader === null) extra.push([names[field]!, line.substring(start, end)]);
      else if (!reader(flow, line, start, end)) return wrongValue(names[field]!, line.substring(start, end));
    }
    field++;
  }
  if (field !== names.length) return wrongCount(line, names);
  if (extra.length > 0) flow.extra = extraText(extra);
  return { kind: 'flow', flow };
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
