import type { BodyFacts, RecordSink, Splitter } from '../contract.ts';
import { azureRecords } from '../parts/azure-records.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  return azureRecords(sink);
}
