/**
 * Splits a CSV body into its rows with byte ranges, streaming: fields may be quoted, and quoted ones hold commas, line ends
 * and doubled quotes. https://www.rfc-editor.org/rfc/rfc4180
 */

import type { RecordSink, Splitter } from '../contract.ts';
import { BodyWindow } from './body-window.ts';
import { BROKEN_RAW_BYTES, MAX_RECORD_BYTES } from './limits.ts';

export interface CsvRow {
  readonly fields: readonly string[];
  /** The row without its line end, as text. */
  readonly text: string;
  /** Where it stands: `bytes=<start>-<end exclusive>`. */
  readonly locator: string;
  /** 0 for the first row of the body. */
  readonly index: number;
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** More columns than any table has; what follows is left out of `fields`. */
const MOST_FIELDS = 4096;

/** Calls `onRow` for every row that is not blank. A row longer than MAX_RECORD_BYTES is reported as broken. */
export function csvRows(sink: RecordSink, onRow: (row: CsvRow) => void): Splitter {
  const window = new BodyWindow();
  /** Start of the row being read, and up to where it was looked at; indexes into the window. */
  let start = 0;
  let at = 0;
  let quoted = false;
  let index = 0;
  let tooLongFrom = -1;

  const locate = (from: number, to: number): string => `bytes=${window.base + from}-${window.base + to}`;

  const emit = (end: number): void => {
    const row = index++;
    if (tooLongFrom >= 0) {
      tooLong(end);
      return;
    }
    let from = start;
    if (row === 0 && window.bytes.subarray(from, from + 3).equals(BYTE_ORDER_MARK)) from += 3;
    const to = end > from && window.bytes[end - 1] === RETURN ? end - 1 : end;
    const text = window.text(from, to);
    if (text.trim() !== '') onRow({ fields: fieldsOf(text), text, locator: locate(from, to), index: row });
  };

  const tooLong = (end: number): void => {
    sink.broken({
      locator: `bytes=${tooLongFrom}-${window.base + end}`,
      code: 'record_too_large',
      path: '',
      problem: `the row is longer than ${MAX_RECORD_BYTES} bytes, the most that is read as one`,
      raw: '',
    });
    tooLongFrom = -1;
  };

  return {
    push(chunk) {
      window.append(chunk, start);
      at -= start;
      start = 0;
      const { bytes, length } = window;
      for (; at < length; at++) {
        const byte = bytes[at];
        if (byte === QUOTE) quoted = !quoted;
        else if (byte === NEWLINE && !quoted) {
          emit(at);
          start = at + 1;
        }
      }
      if (length - start > MAX_RECORD_BYTES) {
        if (tooLongFrom < 0) tooLongFrom = window.base + start;
        start = length;
      }
    },
    end() {
      const { length } = window;
      if (quoted && tooLongFrom < 0) {
        sink.broken({
          locator: locate(start, length),
          code: 'truncated',
          path: '',
          problem: 'the body ends inside a quoted field of this row',
          raw: window.text(start, Math.min(length, start + BROKEN_RAW_BYTES)),
        });
      } else if (start < length || tooLongFrom >= 0) emit(length);
      start = at = length;
      quoted = false;
    },
  };
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= text.length && fields.length < MOST_FIELDS; ) {
    const [field, end] = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at);
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

function plainField(text: string, at: number): [field: string, end: number] {
  const comma = text.indexOf(',', at);
  const end = comma < 0 ? text.length : comma;
  return [text.slice(at, end), end];
}

/** What stands between the closing quote and the comma is kept: no byte of a field is dropped. */
function quotedField(text: string, from: number): [field: string, end: number] {
  let field = '';
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return [field + text.slice(at), text.length];
    field += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const [rest, end] = plainField(text, quote + 1);
      return [field + rest, end];
    }
    field += '"';
    at = quote + 2;
  }
}
