/**
 * A body is a text log with a record a line, journald's JSON (`journalctl -o json`, `json-pretty`, `json-seq`, or an array),
 * or CloudWatch Logs subscription messages with a line each.
 */

import type { BodyFacts, RecordSink, Splitter } from '../contract.ts';
import { expandSubscriptionMessage, isSubscriptionMessage } from '../parts/cloudwatch-logs.ts';
import { linesWithContinuations } from '../parts/continuation.ts';
import { afterHead, startsAsJson } from '../parts/head.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { startsSyslog } from '../parts/syslog.ts';
import { isObject, parseJson } from '../parts/value.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return afterHead((head) =>
    startsAsJson(head.toString('utf8'))
      ? jsonLog(sink)
      : linesWithContinuations(sink, (line) => (startsSyslog(line) ? 'starts' : 'continues')),
  );
}

function jsonLog(sink: RecordSink): Splitter {
  return jsonRecords(
    {
      record: (record) => {
        if (isSubscriptionMessage(record.value)) expandSubscriptionMessage(record, sink, entryOf);
        else sink.record(record);
      },
      broken: (broken) => sink.broken(broken),
      skipped: (reason) => sink.skipped(reason),
    },
    { containers: [] },
  );
}

/** A message is a journal entry as JSON, or a line of text. */
function entryOf(message: string): unknown {
  const value = message.startsWith('{') ? parseJson(message) : null;
  return isObject(value) ? value : undefined;
}
