/**
 * A body is text (lines, header lines among them), Parquet, or JSON with a line as the `message` of each log event:
 * CloudWatch Logs subscription messages, answers of its API, and what Data Firehose writes.
 */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { columnLayout, headerLayout, type Layout } from '../parts/aws-flow-layout.ts';
import { expandSubscriptionMessage, isSubscriptionMessage } from '../parts/cloudwatch-logs.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { lines } from '../parts/lines.ts';
import { isParquet } from '../parts/parquet-footer.ts';
import { parquetRows } from '../parts/parquet-rows.ts';
import { isObject } from '../parts/value.ts';

/** Bytes that settle which of the three a body is: a byte-order mark, some white space, the first character. */
const SNIFF_BYTES = 16;

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  let first: Buffer = Buffer.alloc(0);
  let splitter: Splitter | null = null;
  const start = (): Splitter => {
    const chosen = isParquet(first)
      ? parquetRows(sink, { contextOf: columnLayout })
      : isJson(first)
        ? jsonLines(sink)
        : textLines(sink);
    if (first.length > 0) chosen.push(first);
    return chosen;
  };
  return {
    push(chunk) {
      if (splitter !== null) {
        splitter.push(chunk);
      } else if (first.length === 0 && chunk.length >= SNIFF_BYTES) {
        first = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        splitter = start();
      } else {
        first = Buffer.concat([first, chunk]);
        if (first.length >= SNIFF_BYTES) splitter = start();
      }
    },
    end() {
      splitter ??= start();
      return splitter.end();
    },
  };
}

function isJson(first: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?[\s]*[[{]/.test(first.toString('latin1', 0, SNIFF_BYTES));
}

function textLines(sink: RecordSink): Splitter {
  let layout: Layout | null = null;
  return lines(sink, (line) => {
    const header = headerLayout(line.raw);
    if (header !== null) {
      layout = header;
      sink.skipped('header_line');
      return;
    }
    sink.record({
      raw: line.raw,
      bytes: line.bytes,
      value: undefined,
      locator: line.locator,
      context: layout,
    });
  });
}

function jsonLines(sink: RecordSink): Splitter {
  const expand = messagesTo(sink);
  return jsonRecords(
    { record: expand, broken: (broken) => sink.broken(broken), skipped: (reason) => sink.skipped(reason) },
    { containers: ['events', 'Events'] },
  );
}

/** Hands over the line inside each log event. A header line among the messages counts for those after it. */
function messagesTo(sink: RecordSink): (record: SourceRecord) => void {
  let layout: Layout | null = null;
  const message = (raw: string, locator: string): void => {
    const line = raw.trimEnd();
    const header = headerLayout(line);
    if (header !== null) {
      layout = header;
      sink.skipped('header_line');
    } else {
      sink.record({ raw: line, bytes: null, value: undefined, locator, context: layout });
    }
  };
  const inner: RecordSink = {
    record: ({ raw, locator }) => message(raw, locator),
    broken: (broken) => sink.broken(broken),
    skipped: (reason) => sink.skipped(reason),
  };
  return (record) => {
    const { value } = record;
    if (isSubscriptionMessage(value)) expandSubscriptionMessage(record, inner, () => undefined);
    else if (isObject(value) && typeof value['message'] === 'string') {
      message(value['message'], `${record.locator};pointer=/message`);
    } else sink.record(record);
  };
}
