/**
 * A body is a log file (`{"Records":[…]}`), events one a line, a bare array, a LookupEvents answer (`Events`, each with
 * the event as JSON text), CloudWatch Logs subscription messages, or an export of a log group.
 */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { isJsonExport, jsonExport } from '../parts/cloudwatch-export.ts';
import { expandSubscriptionMessage, isSubscriptionMessage } from '../parts/cloudwatch-logs.ts';
import { afterHead } from '../parts/head.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { isObject } from '../parts/value.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  const expanding: RecordSink = { ...sinkOf(sink), record: (record) => expand(record, sink) };
  return afterHead((head) =>
    isJsonExport(head.toString('latin1', 0, 256))
      ? jsonExport(expanding)
      : jsonRecords(expanding, { containers: ['Records', 'Events'] }),
  );
}

function expand(record: SourceRecord, sink: RecordSink): void {
  const { value } = record;
  if (isSubscriptionMessage(value)) expandSubscriptionMessage(record, sink, JSON.parse);
  else if (isObject(value) && typeof value['CloudTrailEvent'] === 'string')
    expandLookup(record, value['CloudTrailEvent'], sink);
  else sink.record(record);
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html */
function expandLookup(record: SourceRecord, event: string, sink: RecordSink): void {
  const locator = `${record.locator};pointer=/CloudTrailEvent`;
  try {
    sink.record({ raw: event, bytes: null, value: JSON.parse(event), locator, context: record.value });
  } catch (error) {
    const problem = `CloudTrailEvent is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
    sink.broken({
      locator,
      code: 'invalid_json',
      path: '/CloudTrailEvent',
      problem,
      raw: event.slice(0, 4096),
    });
  }
}

/** The sink's other methods, bound, so that `record` can be replaced. */
function sinkOf(sink: RecordSink): Pick<RecordSink, 'broken' | 'skipped'> {
  return { broken: (broken) => sink.broken(broken), skipped: (reason) => sink.skipped(reason) };
}
