/** Which fields of a source's records land in a column, and which stay in `raw` alone. */

import type { AuditEvent, Flow } from '../schema/columns.ts';
import { parseJson } from './parts/value.ts';

export interface FieldCount {
  /** Times the field was there with a value. */
  seen: number;
  /** Of those, times its value stands in a column. */
  landed: number;
}

/** Path of a leaf, array indexes written `[]`, → how often it landed. */
export type FieldCounts = Map<string, FieldCount>;

/** Columns that say where a row is from, not what the record said. */
const OWN = new Set(['raw', 'evidence', 'locator', 'mapping_version', 'source', 'identity']);

/** Long lists repeat one shape; this many leaves of a record say enough. */
const MAX_LEAVES = 2000;

/** Adds one record's leaves. `value` is its JSON, or the text of a line, whose words count as its fields. */
export function countFields(counts: FieldCounts, value: unknown, row: AuditEvent | Flow): void {
  const held = heldValues(row);
  let left = MAX_LEAVES;
  const visit = (node: unknown, path: string): void => {
    if (left <= 0) return;
    if (typeof node === 'object' && node !== null) {
      for (const [key, inner] of Object.entries(node))
        visit(inner, Array.isArray(node) ? `${path}[]` : path === '' ? key : `${path}.${key}`);
      return;
    }
    const text = leafText(node);
    if (text === null || text === '-') return;
    left--;
    const count = counts.get(path) ?? { seen: 0, landed: 0 };
    count.seen++;
    if (held.has(text) || containedIn(held, text)) count.landed++;
    counts.set(path, count);
  };
  if (typeof value === 'string') for (const word of value.split(WORD_BREAK)) visit(word, 'words');
  else visit(value, '');
}

const WORD_BREAK = /[\s,;="'()[\]]+/;

/** Every value the columns hold, as text; JSON columns by their leaves. */
function heldValues(row: AuditEvent | Flow): Set<string> {
  const held = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) add(inner);
      return;
    }
    const text = leafText(value);
    if (text !== null) held.add(text);
  };
  for (const [column, value] of Object.entries(row)) {
    if (OWN.has(column)) continue;
    if ((column === 'time' || column === 'end_time') && typeof value === 'number') {
      for (const form of timeForms(value)) held.add(form);
      continue;
    }
    const parsed = typeof value === 'string' && /^[[{"]/.test(value) ? parseJson(value) : null;
    add(parsed ?? value);
  }
  return held;
}

/** A time as records write it: seconds and milliseconds since 1970, ISO 8601 to the second and to the millisecond. */
function timeForms(micros: number): string[] {
  const iso = new Date(micros / 1000).toISOString().toLowerCase();
  return [
    String(Math.floor(micros / 1e6)),
    String(Math.floor(micros / 1e3)),
    iso,
    iso.replace(/\.\d+z$/, 'z'),
    iso.slice(0, 19),
    iso.slice(0, 10),
    iso.slice(11, 19),
  ];
}

/** A part of a longer value (an account in an ARN, a name in a path) has landed too, if it is long enough to tell. */
function containedIn(held: ReadonlySet<string>, text: string): boolean {
  if (text.length < 6) return false;
  for (const value of held) if (value.length > text.length && value.includes(text)) return true;
  return false;
}

/** Letter case and the notation of numbers and booleans do not count; empty values say nothing. */
function leafText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return String(value).toLowerCase();
}
