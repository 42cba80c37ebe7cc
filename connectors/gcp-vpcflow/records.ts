/** A body is entries: an array, one a line, an answer of `entries.list`, a sink's file, Pub/Sub messages. */

import type { BodyFacts, RecordSink, Splitter } from '../contract.ts';
import { entryRecords } from '../parts/gcp-records.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return entryRecords(sink);
}
