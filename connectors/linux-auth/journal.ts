/**
 * Fields of a journal entry in the JSON export.
 * https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-json-format and
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html
 */

import { parseEpoch } from '../parts/time.ts';
import { type JsonObject, text } from '../parts/value.ts';

export interface JournalEntry {
  readonly time: number | null;
  readonly timeOriginal: string | null;
  readonly cursor: string | null;
  readonly program: string | null;
  readonly pid: string | null;
  readonly host: string | null;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

/** What journald itself vouches for, beside what the program claims; the two may differ when somebody forges lines. */
const TRUSTED: readonly (readonly [field: string, name: string])[] = [
  ['_UID', 'uid'],
  ['_COMM', 'comm'],
  ['_EXE', 'exe'],
  ['_AUDIT_LOGINUID', 'audit_loginuid'],
  ['_AUDIT_SESSION', 'audit_session'],
  ['_SYSTEMD_UNIT', 'unit'],
  ['_TRANSPORT', 'transport'],
];

export function readJournal(entry: JsonObject): JournalEntry {
  const original = fieldText(entry['__REALTIME_TIMESTAMP']) ?? fieldText(entry['_SOURCE_REALTIME_TIMESTAMP']);
  const details: Record<string, string> = {};
  for (const [field, name] of TRUSTED) {
    const value = fieldText(entry[field]);
    if (value !== null) details[name] = value;
  }
  return {
    time: parseEpoch(original),
    timeOriginal: original,
    cursor: fieldText(entry['__CURSOR']),
    program: fieldText(entry['SYSLOG_IDENTIFIER']) ?? fieldText(entry['_COMM']),
    pid: fieldText(entry['_PID']) ?? fieldText(entry['SYSLOG_PID']),
    host: fieldText(entry['_HOSTNAME']),
    message: fieldText(entry['MESSAGE']) ?? '',
    details,
  };
}

/** A field is text, an array of bytes where it is not printable, or an array of those where it was given twice. */
function fieldText(value: unknown): string | null {
  if (!Array.isArray(value)) return text(value);
  if (value.length === 0) return null;
  if (value.every(isByte)) return Buffer.from(value).toString('utf8');
  return fieldText(value[0]);
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
}
