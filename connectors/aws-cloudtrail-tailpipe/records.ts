import type { BodyFacts, RecordSink, Splitter } from '../contract.ts';
import { tailpipeRows } from '../parts/tailpipe-rows.ts';
import { COLUMNS } from './recognise.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return tailpipeRows(sink, COLUMNS);
}
