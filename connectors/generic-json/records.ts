/**
 * A body is JSON objects one a line (lines of text between them are kept as such), an object or array over several lines,
 * an answer with its records in one member, or CloudWatch Logs subscription messages.
 */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { expandSubscriptionMessage, isSubscriptionMessage } from '../parts/cloudwatch-logs.ts';
import { afterHead } from '../parts/head.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { BROKEN_RAW_BYTES } from '../parts/limits.ts';
import { lines } from '../parts/lines.ts';
import { isObject, parseJson } from '../parts/value.ts';

/** Members under which answers put their records. */
const CONTAINERS = 'Records|records|Events|events|value|values|entries|items|logs|results|data|hits|rows';

/** What may stand before them without being part of any record. */
const ENVELOPE =
  '@odata\\.\\w+|nextLink|next|nextToken|nextPageToken|NextToken|next_token|count|total|totalCount|kind|etag|version|status|took';

/** Only an object that begins as an answer does is opened: an event may have a member named `items` as well. */
const ANSWER = new RegExp(
  `^[\\s\\ufeff]*\\{\\s*(?:"(?:${ENVELOPE})"\\s*:\\s*(?:"[^"\\\\]{0,2000}"|[-+.\\deE]{1,40}|true|false|null)\\s*,\\s*)*"(${CONTAINERS})"\\s*:\\s*\\[\\s*[{\\]]`,
);

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  const expanding: RecordSink = {
    record: (record) => expand(record, sink),
    broken: (broken) => sink.broken(broken),
    skipped: (reason) => sink.skipped(reason),
  };
  return afterHead((head) => {
    const text = head.toString('utf8');
    const container = ANSWER.exec(text)?.[1];
    const lined = isOneALine(text);
    if (container !== undefined && (!lined || eachAnswers(text, container)))
      return jsonRecords(expanding, { containers: [container] });
    return lined ? jsonLines(expanding) : jsonRecords(expanding, { containers: [] });
  });
}

/** The first line is a whole object, and more follows. */
function isOneALine(text: string): boolean {
  const from = /^[\s\ufeff]*/.exec(text)![0].length;
  const newline = text.indexOf('\n', from);
  if (newline < 0 || text.slice(newline).trim() === '') return false;
  return isObject(parseJson(text.slice(from, newline)));
}

/** Pages of answers, one a line; among events, what is beside a member of that name would be passed over. */
function eachAnswers(text: string, container: string): boolean {
  // The last line may be cut.
  const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return whole.every((line) => line.trim() === '' || ANSWER.exec(line)?.[1] === container);
}

function jsonLines(sink: RecordSink): Splitter {
  return lines(sink, ({ raw, bytes, locator }) => {
    if (!/^\s*[{[]/.test(raw)) {
      sink.record({ raw, bytes, value: undefined, locator });
      return;
    }
    try {
      sink.record({ raw, bytes, value: JSON.parse(raw) as unknown, locator });
    } catch (error) {
      sink.broken({
        locator,
        code: 'invalid_json',
        path: '',
        problem: `not JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`,
        raw: raw.slice(0, BROKEN_RAW_BYTES),
      });
    }
  });
}

/** Messages that CloudWatch Logs hands on are records of their own, JSON or not. */
function expand(record: SourceRecord, sink: RecordSink): void {
  if (isSubscriptionMessage(record.value)) {
    expandSubscriptionMessage(record, sink, (message) => parseJson(message) ?? undefined);
  } else sink.record(record);
}
