/** A source's records under the vendor's own field names. */

import { foldName, quoteName, quoteText } from '../sql-text.ts';

/** One native view, as a connector describes it. */
export interface NativeView {
  /** `aws_cloudtrail`. */
  readonly view: string;
  readonly table: 'events' | 'flows';
  /** `aws.cloudtrail`. */
  readonly source: string;
  /** Members of the vendor's JSON record. */
  readonly fields: readonly string[];
}

/** Columns every native view has beside the vendor's. */
const OWN = ['time', 'uid', 'evidence', 'locator', 'raw'] as const;

/**
 * SQL over the view of `native.table`. Objects and arrays come as JSON text, scalars as text, and a field the record
 * lacks, or a record that is no JSON, as null. A vendor's field that would hide one of our columns, or differs from
 * another only in letter case, gets a trailing underscore.
 */
export function nativeRelation({ table, source, fields }: NativeView): string {
  const own = OWN.map(quoteName).join(', ');
  const rows = `FROM ${table} WHERE source = ${quoteText(source)}`;
  if (fields.length === 0) return `SELECT ${own} ${rows}`;
  const taken = new Set<string>(OWN);
  const columns = fields.map((field, index) => {
    let name = field;
    while (taken.has(foldName(name))) name += '_';
    taken.add(foldName(name));
    return `vendor[${index + 1}] AS ${quoteName(name)}`;
  });
  // One extraction for all fields parses each record once; TRY keeps a broken record from failing the query.
  const pointers = fields.map((field) => quoteText(jsonPointer(field))).join(', ');
  return `SELECT ${own}, ${columns.join(', ')}
    FROM (SELECT ${own}, TRY(json_extract_string(raw, [${pointers}])) AS vendor ${rows})`;
}

/** RFC 6901: `a/b` as `/a~1b`. */
const jsonPointer = (member: string): string => `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
