/**
 * Splits the bodies that Azure's audit logs come in: one record a line (`PT1H.json`), `{"records":[…]}` (blobs and Event
 * Hubs), `{"value":[…]}` (REST and Microsoft Graph), bare arrays (command line, SDKs), Event Hub messages in an array,
 * and answers of the Log Analytics query API.
 */

import type { RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { emitRebuilt, expandTables, isQueryAnswer } from './azure-tables.ts';
import { jsonRecords } from './json-records.ts';
import { isObject } from './value.ts';

export function azureRecords(sink: RecordSink): Splitter {
  return jsonRecords(
    {
      record: (record) => expand(record, sink),
      broken: (broken) => sink.broken(broken),
      skipped: (reason) => sink.skipped(reason),
    },
    { containers: ['records', 'value'] },
  );
}

function expand(record: SourceRecord, sink: RecordSink): void {
  const { value } = record;
  if (isQueryAnswer(value)) expandTables(record, sink);
  else if (isObject(value) && Array.isArray(value['records'])) {
    value['records'].forEach((inner, index) => {
      emitRebuilt(inner, record.locator, `/records/${index}`, sink);
    });
  } else sink.record(record);
}
