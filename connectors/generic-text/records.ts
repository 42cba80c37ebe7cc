/** Every line that is not blank is a record; directives of W3C logs (`#Fields:`) are skipped and name the columns below. */

import type { BodyFacts, RecordSink, Splitter } from '../contract.ts';
import { directiveOf, type FieldNames, fieldNames } from '../parts/access-log-fields.ts';
import type { Continuation } from '../parts/continuation.ts';
import { lines } from '../parts/lines.ts';
import { startsSyslog } from '../parts/syslog.ts';
import { leadingTime } from '../parts/text-time.ts';

/** Enough of a line to read its time and host again. */
const HEADER_CHARS = 1024;

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  let fields: FieldNames | undefined;
  let started: Continuation | undefined;
  return lines(sink, ({ raw, bytes, locator }) => {
    const directive = raw.startsWith('#') ? directiveOf(raw) : null;
    if (directive !== null) {
      if (directive === 'Fields') fields = fieldNames(raw);
      sink.skipped('header_line');
      return;
    }
    // A line that starts with a blank carries on the one before, as stack traces and wrapped statements do.
    const indented = raw.startsWith(' ') || raw.startsWith('\t');
    if (!indented && (startsSyslog(raw) || leadingTime(raw, null) !== null)) {
      started = { continues: raw.slice(0, HEADER_CHARS) };
    }
    sink.record({ raw, bytes, value: undefined, locator, context: indented ? (started ?? fields) : fields });
  });
}
