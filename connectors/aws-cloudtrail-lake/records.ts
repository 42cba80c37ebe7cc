/**
 * A body is a query result as Lake saves it (CSV), the answer of GetQueryResults (`QueryResultRows`, each row a list of
 * objects with one member), or rows as JSON lines. A row with the column `eventJson` holds the whole event.
 */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { csvRows } from '../parts/csv-rows.ts';
import { afterHead, startsAsJson } from '../parts/head.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { BROKEN_RAW_BYTES } from '../parts/limits.ts';
import { isObject, type JsonObject } from '../parts/value.ts';
import { eventJsonOf, knownColumns } from './columns.ts';

/** What a record's `value` is: a whole event, or a row of columns. */
export type LakeContext = 'event' | 'row';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return afterHead((head) => (startsAsJson(head.toString('utf8', 0, 4096)) ? jsonBody(sink) : csvBody(sink)));
}

function csvBody(sink: RecordSink): Splitter {
  let header: readonly string[] | null = null;
  let known = false;
  return csvRows(sink, ({ fields, text, locator }) => {
    if (header === null) {
      header = fields;
      known = knownColumns(fields) > 0;
      if (known) {
        sink.skipped('header_row');
        return;
      }
    }
    if (!known) {
      const problem = 'no header row says what its fields are';
      sink.broken({ locator, code: 'missing_field', path: '', problem, raw: text.slice(0, 4096) });
      return;
    }
    if (fields.length !== header.length) {
      const problem = `the row has ${fields.length} fields, its header names ${header.length}`;
      sink.broken({ locator, code: 'missing_field', path: '', problem, raw: text.slice(0, 4096) });
      return;
    }
    // Of two columns with one name the first counts.
    const row = Object.fromEntries(header.map((name, at) => [name, fields[at]!] as const).reverse());
    hand(
      sink,
      row,
      { raw: JSON.stringify(ordered(header, row)), bytes: null, locator: `${locator};rebuilt` },
      () => `${locator};rebuilt`,
    );
  });
}

const ordered = (header: readonly string[], row: JsonObject): JsonObject =>
  Object.fromEntries(header.map((name) => [name, row[name]]));

function jsonBody(sink: RecordSink): Splitter {
  return jsonRecords(
    {
      record: (record) => {
        const { value, raw, bytes, locator } = record;
        if (Array.isArray(value) && value.every(isObject)) {
          const cells = value.flatMap((cell, at) =>
            Object.entries(cell).map(([name, text]) => [name, text, at] as const),
          );
          const row = Object.fromEntries(cells.map(([name, text]) => [name, text] as const).reverse());
          const at = (column: string) => cells.find(([name]) => name === column)![2];
          hand(
            sink,
            row,
            { raw, bytes, locator },
            (column) => `${locator};pointer=/${at(column)}/${pointerName(column)}`,
          );
        } else if (isObject(value) && knownColumns(Object.keys(value)) === 0) {
          const problem = 'an object without any column of an event data store';
          const evidence = raw.slice(0, BROKEN_RAW_BYTES);
          sink.broken({ locator, code: 'missing_field', path: '', problem, raw: evidence });
        } else if (isObject(value)) {
          hand(
            sink,
            value,
            { raw, bytes, locator },
            (column) => `${locator};pointer=/${pointerName(column)}`,
          );
        } else sink.record(record);
      },
      broken: (broken) => sink.broken(broken),
      skipped: (reason) => sink.skipped(reason),
    },
    { containers: ['QueryResultRows'] },
  );
}

const pointerName = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Hands over the event that the row carries whole, or else the row. */
function hand(
  sink: RecordSink,
  row: JsonObject,
  place: Pick<SourceRecord, 'raw' | 'bytes' | 'locator'>,
  locatorOf: (column: string) => string,
): void {
  const carried = eventJsonOf(row);
  if (carried === null) {
    sink.record({ ...place, value: row, context: 'row' satisfies LakeContext });
    return;
  }
  const { column, json } = carried;
  const locator = locatorOf(column);
  try {
    const value: unknown = JSON.parse(json);
    sink.record({ raw: json, bytes: null, value, locator, context: 'event' satisfies LakeContext });
  } catch (error) {
    const problem = `${column} is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
    sink.broken({
      locator,
      code: 'invalid_json',
      path: `/${pointerName(column)}`,
      problem,
      raw: json.slice(0, 4096),
    });
  }
}
